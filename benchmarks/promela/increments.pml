/* increments.pml -- T threads add one to a shared number N times: a load and a store. */
byte number;

active [T] proctype adder()
{
    byte n, i;
    do
    :: i == N -> break
    :: else ->
        n = number;
        d_step { number = n + 1; n = 0; i++ }
    od
}
