"""The pages of evaluators and data controllers."""
