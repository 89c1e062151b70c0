"""An instruction as a file: read, written, and looked over."""
