"""Channels of the tests. The folder is added to where channels are found, as a file beside the others is."""
