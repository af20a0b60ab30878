"""The stepper: its ES module and style, in a page or as a widget."""
