"""itops: an IT operations agent that people can trust with production."""
