"""Text and its meaning: what a script would touch, and how values get into one."""
