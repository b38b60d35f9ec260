"""How a message is read: its words, their n-grams, linear models over them, and rules for opting out."""
