/* load_model.h -- connects the explorer's table of a loaded mode with this core; see
 * load_native.h. */
#ifndef RR_LOAD_MODEL_H
#define RR_LOAD_MODEL_H

int rr_load_model(int mode, void *connect);

const char *rr_model_connector(void);

#endif
