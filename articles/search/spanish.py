"""Spanish words that tell little, folded as the index folds them; what they are for is said in english.py. And one
plural that Snowball's stemmer doesn't know.

STOP_WORDS stand in nearly every text: after the list of the Snowball project for Spanish
(https://snowballstem.org/algorithms/spanish/stop.txt, BSD licence), and the words with which people ask for help.
"""

_STOP_WORDS = """
de la que el en y a los del se las por un para con no una su al lo como mas pero sus le ya o este si porque esta entre cuando
muy sin sobre tambien me hasta hay donde quien desde todo nos durante todos uno les ni contra otros ese eso ante ellos e esto
mi antes algunos unos yo otro otras otra el tanto esa estos mucho quienes nada muchos cual poco ella estar estas algunas algo
nosotros mis tu te ti tus ellas os es soy eres somos son sea ser era fue estoy estamos estan estaba he has ha hemos han habia
tengo tiene tienen tenia tener puedo puede pueden debo debe hace hacer hago que cuales cuanto cuanta cuantos cuantas

hola gracias favor ayuda saber quiero quisiera necesito informacion pregunta duda alguien dime digame buscar
"""
_CHATTER = """
buenos buenas dias tardes noches perdon disculpe senor senora doctor doctora dr dra medico enfermera
mama madre papa padre esposo esposa marido mujer novio novia pareja hermana hermano hijo hija hijos tia tio abuela abuelo
amiga amigo vecino vecina sobrina sobrino prima primo persona personas gente hombre anos ano meses mes semanas semana dia
ayer hoy manana ahora despues ultimamente siempre nunca preocupada preocupado preocupa miedo asustada asustado creo pienso
dice dijo dijeron explico explicaron cuenta espero
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
CHATTER = frozenset(_CHATTER.split())


def singular_of_ea(word: str) -> str:
    """A plural in -eas as its singular, for comparing alone: of "nauseas" the stemmer leaves "naus", of "nausea" it leaves "nause"."""
    return word.removesuffix("s") if word.endswith("eas") else word
