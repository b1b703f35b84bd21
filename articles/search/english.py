"""English words that tell little, so that a page is not missed because it lacks one. All of them are in the index: "vitamin A"
and "The Who" are found by all of their words.

STOP_WORDS stand in nearly every text: the list of the Snowball project for English
(https://snowballstem.org/algorithms/english/stop.txt, BSD licence), and the words with which people ask for help.
CHATTER is what people say around the matter when they write a message: who it is about, when it was, that they worry. It is
left out of long questions alone.
"""

import re

_STOP_WORDS = """
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
_CHATTER = """
hey good morning evening afternoon thx pls plz ok okay sorry sir madam doc doctor doctors dr gp nurse
mom mum mommy mother dad daddy father wife husband hubby partner boyfriend girlfriend sister brother son daughter aunt
uncle grandma grandpa grandmother grandfather granny friend neighbor neighbour niece nephew cousin people person man woman
guy guys today yesterday tomorrow tonight day days week weeks month months year years hour hours minute minutes time times
now ago lately recently always often sometimes never every everyday already almost last first next later soon long
say says said saying tell tells told ask asks asked asking call calls called think thinks thought guess believe heard
feel feels feeling felt go goes going gone went come comes came coming put puts take takes took taken taking keep keeps kept
make makes made making give gives gave try tried trying start started starts happen happens happened happening seem seems
look looks looked looking see sees saw seen gets getting use used using work works
really quite pretty bit lot lots little big bigger thing things stuff anything nothing everything way kind sort maybe
probably bad worse worst badly awful terrible horrible serious dangerous normal right wrong sure else just like around
back worried worry scared afraid concerned frightened nervous
its ill whats thats theres gonna wanna gotta one two three four five six seven eight nine ten new old cause causes
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
CHATTER = frozenset(_CHATTER.split())

_BRITISH = [
    (re.compile(r"(?<=.)ae(?=.)|(?<=.)oe(?=.)|^oe(?=.{3})|^ae(?=ti)"), "e"),  # anaemia, diarrhoea, oedema, aetiology
    (re.compile(r"(?<=...)our(?=(?:s|ed|ing|al|less)?$)"), "or"),  # tumour
    (re.compile(r"(?<=...)is(?=(?:e|ed|es|ing|ation|ations)$)"), "iz"),  # immunise
    (re.compile(r"(?<=..[^aeiou])re(?=s?$)"), "er"),  # fibre
    (re.compile(r"(?<=..)lys(?=(?:e|ed|es|ing)$)"), "lyz"),  # analyse
    (re.compile(r"ll(?=(?:ed|ing|er)$)"), "l"),  # travelling
    (re.compile(r"ulph"), "ulf"),  # sulphate
]


def one_spelling(word: str) -> str:
    """A word as Americans write it, for comparing alone: other words get a spelling that nobody writes, but always the same."""
    for british, american in _BRITISH:
        word = british.sub(american, word)
    return word
