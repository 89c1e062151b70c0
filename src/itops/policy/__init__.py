"""What may run: pure judgement over facts, tables and rules. No model, no technology."""
