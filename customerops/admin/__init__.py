"""What the product as a whole adds to the admin: API keys, and what people may ask to be done with theirs."""

from customerops.admin import keys, people

__all__ = ["keys", "people"]
