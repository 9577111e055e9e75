"""Forms: what people type, judged field by field. No markup: templates draw them."""
