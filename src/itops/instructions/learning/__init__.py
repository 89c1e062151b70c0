"""What the library learns from use: feedback, statistics, drafts."""
