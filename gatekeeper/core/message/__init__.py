"""The messages that a bot sends, as a person in front of it sees them.

`read.read_message` reads a bot's text into `blocks.Message`, and `lines.lines` gives it as plain
text.
"""
