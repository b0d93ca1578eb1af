"""What is wrong with a field, in words: they live beside the rules now."""

from interviews.sentences import SENTENCES as SENTENCES
from interviews.sentences import sentence as sentence
