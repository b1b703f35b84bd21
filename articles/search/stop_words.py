"""English words that stand in nearly every text, so that a page is not missed because it lacks one.

The list of the Snowball project for English (https://snowballstem.org/algorithms/english/stop.txt, BSD licence), and the
words with which people ask for help. Not in the index: "vitamin A" and "The Who" can still be found by all of their words.
"""

_WORDS = """
i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it its
itself they them their theirs themselves what which who whom this that these those am is are was were be been being
have has had having do does did doing would should could ought im youre hes shes theyre ive youve weve theyve id youd
isnt arent wasnt werent hasnt havent hadnt doesnt dont didnt wont wouldnt shouldnt couldnt cannot cant a an the
and but if or because as until while of at by for with about against between into through during before after above
below to from up down in out on off over under again further then once here there when where why how all any both
each few more most other some such no nor not only own same so than too very can will just should now t s m re ve ll

hello hi dear please thank thanks help know want wanted wondering like need get got tell find information info question
anyone someone something also much many may might really still even since
"""
STOP_WORDS = frozenset(_WORDS.split())
