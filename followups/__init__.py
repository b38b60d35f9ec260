"""Follow-ups: what is sent to a lead that has not answered, when, and why not."""
