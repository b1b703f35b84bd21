"""What the words of doctors mean in plain words, for pages are written in these: adjectives and nouns as they stand, and the
Greek and Latin beginnings of words ("nephr-", "kidney"), of which new ones are made without end.

A word as it stands always leads to its meaning as well; a beginning only when no page has the word. PREFIXES stand before a word
that means something without them, which is looked for when no page has the whole.
"""

_MEANINGS = """
heart: cardiac cardi- myocardi-
kidney: renal nephr- ren-
liver: hepatic hepat-
lung: pulmonary pulmon- pneumon-
stomach: gastric gastr-
bowel: enteric enter- intestin- colon- ile- jejun-
intestine: intestinal ileal jejunal duodenal
pancreas: pancreatic pancrea-
spleen: splenic splen-
gallbladder: cholecyst-
bile: biliary
bladder: vesical cystit- cystosc- cystec-
urine: urinary urin-
prostate: prostatic prostat-
skin: cutaneous dermal dermatologic dermatological cutan- dermat- dermo-
blood: hematologic haematologic hemat- hemo-
vein: venous phleb- ven-
artery: arterial arteri-
blood vessel: vascular vascul- angio-
blood clot: thrombus thromb-
bone: osseous oste-
joint: articular arthr-
muscle: muscular myo- myal- myos-
spine: spinal vertebral spondyl- vertebr-
nerve: neural neurologic neurological neuro- neuri- polyneur-
brain: cerebral intracranial cerebr- encephal-
head: cranial crani- cephal-
eye: ocular ophthalmic ophthalm- ocul-
vision: visual
ear: aural otic otit- oto-
hearing: auditory audio-
nose: nasal rhin- naso-
throat: pharyngeal laryngeal pharyng- laryng- hypopharyng-
mouth: oral buccal stomat-
tongue: lingual gloss- lingu-
gum: gingival gingiv-
teeth: dental odont- dent-
chest: thoracic thorac-
abdomen: abdominal abdomin- lapar-
breast: mammary mammar- mast-
uterus: uterine hyster- metri-
ovary: ovarian oophor- ovari-
testicle: testicular orchi- testicul-
penis: penile
gland: glandular aden-
valve: valvular valvul-
hormone: hormonal endocrin-
cancer: carcinoma malignancy malignant neoplasm neoplasms carcin- onco- neoplas-
tumor: neoplasm neoplasms
fever: febrile pyrexia febri- pyrex-
pain: analgesia alg-
headache: cephalalgia cephalg- cephalalg-
swelling: edema edem-
itching: pruritus prurit-
hives: urticaria urticar-
bleeding: hemorrhage hemorrhag-
fainting: syncope syncop-
dizziness: vertigo vertig-
nosebleed: epistaxis epistax-
vomiting: emesis emet-
swallowing: dysphagia dysphag-
jaundice: icterus icter-
shortness of breath: dyspnea dyspn-
hair loss: alopecia alopec-
fat: lipid lipids lipo- adipo-
high cholesterol: hypercholesterolemia hyperlipidemia hyperlipid- hypercholester-
high blood sugar: hyperglycemia hyperglyc-
low blood sugar: hypoglycemia hypoglyc-
high blood pressure: hypertension hypertensive hypertens- antihypertens-
low blood pressure: hypotension hypotensive hypotens-
blood sugar: glycemic glyc- gluc-
allergy: allergic hypersensitivity allerg- anaphyl-
infection: infectious infect- seps-
poisoning: toxicity toxic intoxication toxico-
mental: psychiatric psych-
sleep: somn-
surgery: surgical operative
after surgery: postoperative postop-
before surgery: preoperative preop-
pregnancy: gestational obstetric gestat- obstetr-
newborn: neonatal neonat-
infant: infantile infantil-
children: pediatric childhood juvenile pediatr-
teen: adolescent adolescents adolescence adolesc-
older adults: geriatric geriatr- geront-
genetic: hereditary congenital inherited
medicine: pharmaceutical pharmac-
radiation therapy: radiotherapy radiother-
nuclear: radionuclide radionucl- scintigr-
herbal medicine: phytotherapy phyto-
nutrition: nutritional parenteral
transplant: graft
walking: ambulation ambulatory ambulat-
"""

_PREFIXES = """
hyper hypo anti post pre non over under inter intra poly micro air sea car
"""


def _read() -> tuple[dict[str, str], dict[str, str]]:
    whole, beginnings = {}, {}
    for line in _MEANINGS.strip().splitlines():
        meaning, words = line.split(": ")
        for word in words.split():
            if word.endswith("-"):
                beginnings.setdefault(word[:-1], meaning)
            else:
                whole.setdefault(word, meaning)
    return whole, beginnings


WHOLE, BEGINNINGS = _read()
PREFIXES = tuple(_PREFIXES.split())
