"""The story of a task, and the engine that makes it durable."""
