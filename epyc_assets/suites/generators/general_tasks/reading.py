"""Reading: passages made from facts, definitions applied, policies followed, errors found, summaries bounded.

Belongs here: questions whose answer follows from a text in the prompt. Does not belong here: reformatting (`records`).
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from epyc_assets.suites.generators.phrases import (
    ANSWER_TOKENS,
    PEOPLE,
    TOWNS,
    listed,
    ordinal,
    reasoned_task,
    with_article,
)
from epyc_assets.suites.question import JSON
from epyc_assets.suites.task import Task

_JOBS = ("glazier", "cartographer", "beekeeper", "surveyor", "luthier", "translator", "diver", "typesetter", "botanist")
_HOBBIES = ("fencing", "origami", "rowing", "astronomy", "pottery", "chess", "falconry", "juggling", "calligraphy")


def _people(source: random.Random, count: int) -> list[dict[str, str | int]]:
    columns = (source.sample(PEOPLE, count), source.sample(TOWNS, count), source.sample(_HOBBIES, count))
    years = source.sample(range(1931, 2004), count)
    return [
        {"name": name, "town": town, "hobby": hobby, "year": year, "job": source.choice(_JOBS)}
        for name, town, hobby, year in zip(*columns, years, strict=True)
    ]


_FORMS = (
    "{name}, a {job} born in {year}, lives in {town} and spends the weekends on {hobby}.",
    "In {town} lives {name}, who was born in {year}, earns a living as a {job} and loves {hobby}.",
    "Born in {year}, {name} works as a {job} in {town}; evenings are for {hobby}.",
)


def passage(source: random.Random, tier: int) -> Task:
    """A passage about people: look up, compare, count, infer."""
    people = _people(source, 3 + tier * 2)
    text = " ".join(source.choice(_FORMS).format(**person) for person in people)
    person = source.choice(people)
    kind = source.randrange(3)
    form = "<name>"
    if tier == 1:
        asked, answer, form = (
            (f"Which hobby has the person who lives in {person['town']}?", person["hobby"], "<hobby>"),
            (f"Who spends free time on {person['hobby']}?", person["name"], "<name>"),
            (f"In which town does {person['name']} live?", person["town"], "<town>"),
        )[kind]
    elif tier == 2:
        year = source.randint(1945, 1990)
        older = sum(int(each["year"]) < year for each in people)
        asked, answer, form = (
            ("Who is the oldest of these people?", min(people, key=lambda each: each["year"])["name"], "<name>"),
            (f"How many of these people were born before {year}?", older, "<number>"),
            ("Which hobby has the youngest of these people?", max(people, key=lambda each: each["year"])["hobby"],
             "<hobby>"),
        )[kind]  # fmt: skip
    else:
        ranked = sorted(people, key=lambda each: each["year"])
        place = source.randint(2, 4)
        gap = int(ranked[-1]["year"]) - int(ranked[-place]["year"])
        names = ", ".join(str(each["name"]) for each in ranked)
        asked, answer, form = (
            ("List the names of all these people from the oldest to the youngest, parted by commas.", names,
             "<name>, <name>, ..."),
            (f"How many years lie between the births of the youngest and of number {place} from the youngest end "
             "(the youngest being number 1)?", gap, "<number>"),
            (f"In which town lives the person who was born next after {ranked[place - 1]['name']}?",
             ranked[place]["town"], "<town>"),
        )[kind]  # fmt: skip
    key: list[JSON] = [
        "passage",
        tier,
        kind,
        str(person["name"]),
        *(f"{each['name']} {each['year']}" for each in people),
    ]
    steps = "The passage says so."
    return reasoned_task(
        source, key=key, tier=tier, text=f"{text}\n\n{asked}", answer=str(answer), steps=steps, form=form
    )


_MADE_UP = ("brindle", "corvel", "dastrum", "elpin", "fossick", "gramble", "hestive", "jorum", "lumet", "quillon")


def definition(source: random.Random, tier: int) -> Task:
    """A made-up word with a definition: which numbers or words it fits."""
    word = source.choice(_MADE_UP)
    divisor, least = source.randint(3, 9), source.randint(20, 60)
    numbers = source.sample(range(10, 100), 5 + tier * 2)
    rule = f"A whole number is called {with_article(word)} when it is divisible by {divisor}"
    if tier == 1:
        found = [number for number in numbers if number % divisor == 0]
        rule += "."
    elif tier == 2:
        found = [number for number in numbers if number % divisor == 0 or number > least + 20]
        rule += f" or greater than {least + 20} (or both)."
    else:
        other = source.choice([each for each in _MADE_UP if each != word])
        words = {number: number % divisor == 0 and number > least for number in numbers}
        found = [number for number in numbers if not words[number] and sum(map(int, str(number))) % 2 == 0]
        rule += (
            f" and greater than {least}. A whole number is called {with_article(other)} when it is no {word} and the "
            "sum of its digits is even."
        )
        word = other
    text = f"{rule} How many of these numbers are {word}s: {', '.join(map(str, numbers))}?"
    key = ("definition", tier, divisor, least, *sorted(numbers))
    steps = f"They are {', '.join(map(str, found)) or 'none'}."
    return reasoned_task(source, key=key, tier=tier, text=text, answer=str(len(found)), steps=steps)


def policy(source: random.Random, tier: int) -> Task:
    """A returns policy and a case: which of the stated decisions follows, each as often as the others."""
    wanted = source.choice("ABC" if tier < 3 else "ABCD")
    while True:
        task = _policy_case(source, tier)
        if task.expected == wanted:
            return task


def _policy_case(source: random.Random, tier: int) -> Task:
    days, amount, member = source.randint(2, 70), source.randint(5, 400), source.random() < 0.5
    opened, faulty = source.random() < 0.5, source.random() < (0.3 if tier > 1 else 0)
    limit, longer, large = source.choice((14, 21, 30)), source.choice((7, 14, 30)), source.choice((100, 150, 200))
    allowed = limit + (longer if member and tier > 1 else 0)
    rules = [f"Goods may be returned within {limit} days of delivery."]
    if tier > 1:
        rules.append(f"Members have {longer} days more.")
        rules.append("Faulty goods may always be returned, whatever the other rules say, and are refunded in full.")
    rules.append("For goods whose packaging was opened, a voucher is given instead of money.")
    if tier > 2:
        rules.append(
            f"Returns worth more than {large} crowns that are not faulty go to the manager, unless they are too late."
        )
    rules.append("What is returned too late is refused.")
    if faulty:
        decision = "A"
    elif days > allowed:
        decision = "C"
    elif tier > 2 and amount > large:
        decision = "D"
    else:
        decision = "B" if opened else "A"
    person = source.choice(PEOPLE)
    options = {"A": "full refund", "B": "voucher", "C": "refused", "D": "passed to the manager"}
    if tier < 3:
        options.pop("D")
    case = (
        f"{person}, {'a member' if member else 'not a member'}, returns {'faulty ' if faulty else ''}goods "
        f"for {amount} "
        f"crowns {days} days after delivery; the packaging was {'opened' if opened else 'not opened'}."
    )
    shown = "\n".join(f"{letter}) {text}" for letter, text in options.items())
    return reasoned_task(
        source,
        key=("policy", tier, days, amount, member, opened, faulty, limit, longer, large),
        tier=tier,
        text=f"A shop's policy: {' '.join(rules)}\n\nCase: {case}\n\nWhich decision follows?\n{shown}",
        answer=decision,
        steps=f"The case ends with: {options[decision]}.",
        form="<letter>",
        scorer="multiple_choice",
        config={"choices": dict(options)},
    )


_CLASSES: Mapping[str, str] = {
    "billing": "money that was charged, paid or is owed",
    "delivery": "where a parcel is or when it arrives",
    "defect": "a product that does not work as it should",
    "account": "signing in, passwords, or personal data",
    "praise": "only thanks or compliments, nothing to be done",
}
_MESSAGES: Mapping[str, tuple[str, ...]] = {
    "billing": (
        "I see {n} crowns taken from my card twice for one {thing}.",
        "Your reminder says I still owe {n} crowns, but I transferred it last week.",
        "The invoice for the {thing} adds {n} crowns for gift wrapping that I never asked for.",
        "My discount of {n} crowns was not taken off the sum that you charged for the {thing}.",
    ),
    "delivery": (
        "The {thing} was to be here {n} days ago and the tracking page has not changed since.",
        "Can you tell me whether the {thing} ordered under number {n} will come before the weekend?",
        "The courier says that the {thing} was left at house number {n}, but nobody there has seen it.",
        "I waited at home for {n} hours today, and the van with my {thing} drove past without stopping.",
    ),
    "defect": (
        "After {n} minutes the {thing} switches itself off and smells burnt.",
        "The hinge of the {thing} snapped on day {n}, although nobody touched it.",
        "The display of the {thing} shows the number {n} whatever I press.",
        "The {thing} only hums and does nothing else; I have tried {n} times.",
    ),
    "account": (
        "I changed my surname and the old one still appears in my profile {n}.",
        "It is {n} months since I last signed in, and I do not remember my password.",
        "Please remove my telephone number, which ends in {n}, from what you have stored about me.",
        "I have a new e-mail address, ending in {n}@example.org; where do I enter it in my profile?",
    ),
    "praise": (
        "{n} months with the {thing} and I smile each morning. You are wonderful!",
        "Somebody of your staff answered me within {n} minutes, and so kindly. I only wanted to say thank you.",
        "My {thing} turned {n} weeks old today and it is still a joy to use.",
    ),
}


def classification(source: random.Random, tier: int) -> Task:
    """Support messages sorted by stated definitions; the tell-tale words are not the categories' names."""
    lettered = dict(zip("ABCDE", source.sample(sorted(_CLASSES), len(_CLASSES)), strict=True))
    lead = {
        1: "",
        2: "First of all, I like your shop and the parcel came quickly. ",
        3: "The parcel came quickly, paying was easy, and I have told my friends to open accounts with you. ",
    }[tier]
    letter, name = source.choice(sorted(lettered.items()))
    wording = source.choice(_MESSAGES[name])
    thing = source.choice(("kettle", "lamp", "heater", "radio", "drill", "fan", "printer", "scale"))
    message = f"{lead}{wording.format(n=source.randint(2, 90), thing=thing)}"
    shown = "\n".join(f"{key}) {each}: {_CLASSES[each]}" for key, each in lettered.items())
    return reasoned_task(
        source,
        key=("classification", tier, message),
        tier=tier,
        text=(
            f"Messages are sorted by what the writer wants dealt with:\n{shown}\n\nMessage: "
            f'"{message}"\n\nWhich class is it?'
        ),
        answer=letter,
        steps=f"It is about {_CLASSES[name]}.",
        form="<letter>",
        scorer="multiple_choice",
        config={"choices": dict(lettered)},
    )


_SENTENCES = (
    ("The committee meets every second Thursday in the town hall", "committee", "comittee"),
    ("We received your parcel with three broken plates", "received", "recieved"),
    ("It was necessary to replace both tyres before winter", "necessary", "neccessary"),
    ("The two ingredients must be kept in separate jars", "separate", "seperate"),
    ("Her calendar was full until the end of September", "calendar", "calender"),
    ("The government announced a new rule about old boats", "government", "goverment"),
    ("They definitely left the keys under the blue mat", "definitely", "definately"),
    ("The restaurant beside the harbour opens at noon", "restaurant", "restaraunt"),
    ("A strange rhythm came from the room above us", "rhythm", "rythm"),
    ("The library will publish its yearly report tomorrow", "library", "libary"),
    ("His neighbour grows the largest pumpkins in the village", "neighbour", "nieghbour"),
    ("An unusual occurrence delayed the morning train", "occurrence", "occurence"),
    ("The foreign guests asked for a quiet table", "foreign", "foriegn"),
    ("Please acknowledge this letter within five days", "acknowledge", "acknowlege"),
    ("The guard noticed a peculiar noise in the cellar", "peculiar", "perculiar"),
)


def proofreading(source: random.Random, tier: int) -> Task:
    """A text with one misspelt word, or at the highest tier a doubled word in one of its sentences."""
    chosen = source.sample(_SENTENCES, 2 + tier * 2)
    place = source.randrange(len(chosen))
    written = [sentence for sentence, _, _ in chosen]
    if tier < 3:
        sentence, right, wrong = chosen[place]
        written[place] = sentence.replace(right, wrong)
        asked, answer, form = "One word is misspelt. Write it as it should be spelt.", right, "<word>"
    else:
        words = written[place].split()
        doubled = source.randrange(1, len(words) - 1)
        written[place] = " ".join([*words[: doubled + 1], *words[doubled:]])
        asked, form = (
            "By mistake, one word stands there twice in a row. Give the number of its sentence (the first is "
            "1) and the word.",
            "<number>, <word>",
        )
        answer = f"{place + 1}, {words[doubled]}"
    text = f"{'. '.join(written)}.\n\n{asked}"
    key = ("proofreading", tier, place, text)
    return reasoned_task(source, key=key, tier=tier, text=text, answer=answer, steps="Read word by word.", form=form)


def summary(source: random.Random, tier: int) -> Task:
    """A summary that must name certain things and stay short."""
    people = _people(source, 2 + tier)
    town = source.choice(TOWNS)
    reasons = ("the roof leaks", "the rent has doubled", "the piano must be tuned", "the stage is too small")
    reason, sum_, day = source.choice(reasons), source.randint(12, 95) * 100, source.randint(2, 28)
    names = [str(person["name"]) for person in people]
    chair = names[0]
    passage_text = (
        f"The cultural club of {town} met on the {ordinal(day)} of the month, with {listed(names)} present. After a "
        f"long talk about "
        f"the weather and last year's cake, {chair}, who led the meeting, reminded everybody that {reason}. "
        + " ".join(
            f"{name} spoke about {person['hobby']} for a while." for name, person in zip(names, people, strict=True)
        )
        + f" In the end the club decided to spend {sum_} crowns to solve the problem and to meet again in a month."
    )
    most = 45 - tier * 5
    answer = f"The club of {town} led by {chair} will spend {sum_} crowns because {reason}."
    wanted: list[JSON] = [town, str(sum_), chair]
    hobby = str(people[-1]["hobby"])
    instructions: list[JSON] = [
        {"id": "keywords:existence", "kwargs": {"keywords": wanted}},
        {"id": "length_constraints:number_words", "kwargs": {"relation": "less than", "num_words": most}},
    ]
    extra = ""
    if tier > 1:
        instructions.append({"id": "punctuation:no_comma", "kwargs": {}})
        extra = " Use no commas."
    if tier > 2:
        instructions.append(
            {"id": "keywords:forbidden_words", "kwargs": {"forbidden_words": ["weather", "cake", hobby]}}
        )
        extra += f" Do not use the words weather, cake or {hobby}."
    prompt = (
        f"{passage_text}\n\nSummarise this in fewer than {most} words. The summary must name the town, the "
        f"sum (in digits, as "
        f"written above) and the person who led the meeting.{extra} Reply with the summary only."
    )
    return Task(
        key=("summary", tier, town, *names, sum_),
        tier=tier,
        prompt=prompt,
        expected=answer,
        worked_answer=answer,
        scorer="programmatic",
        scorer_config={"instructions": instructions},
        max_tokens=ANSWER_TOKENS[tier],
        open_ended=True,
    )
