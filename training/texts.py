"""Sentences to speak: templates of everyday speech, public-domain verses, proverbs, and plain word lists.

Every sentence is plain text of at most MAX_CHARACTERS. Words in HELD_OUT (chosen by hash, never among the most
frequent) occur in no training sentence; the held-out sentences of evaluation use them freely.
"""

import glob
import hashlib
import random
import re
import subprocess

MAX_CHARACTERS = 115

NAMES = """Anna Peter Mary John Sarah David Emma Michael Laura James Sophie Robert Alice Thomas Julia Daniel Helen George
Nina Paul Kate Mark Lucy Andrew Rachel Simon Olivia Henry Grace Jack Martha Oscar Clara Victor Ruth Samuel Diana Frank
Irene Walter Amy Brian Carol Eric Fiona Gary Hannah Ian Jane Kevin Linda Martin Nora Oliver Paula Richard Susan Tina
Vera William Smith Johnson Brown Taylor Wilson Clark Baker Cooper Miller Davis Evans Green Harris King Lewis Moore
Parker Roberts Scott Turner Walker White Young""".split()
CITIES = """London Paris Berlin Madrid Rome Vienna Dublin Oslo Boston Chicago Denver Dallas Seattle Houston Phoenix Detroit
Atlanta Miami Toronto Sydney Tokyo Moscow Athens Lisbon Prague Warsaw Geneva Munich Hamburg Zurich Milan Naples
Portland Austin Cleveland Memphis Oakland""".split() + ["New York", "San Francisco", "Los Angeles", "Hong Kong"]
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()
FOODS = """apples bread butter cheese chicken chocolate coffee tea cake soup salad rice pasta pizza fish potatoes tomatoes
onions carrots eggs milk sugar salt pepper honey oranges lemons bananas grapes cherries strawberries beans mushrooms
garlic yogurt cream juice water wine beer sandwiches biscuits pancakes noodles""".split()
THINGS = """book table chair window door phone computer car bicycle train ticket key lamp picture letter box bag coat shoe
hat watch camera radio piano guitar garden kitchen house room bed mirror clock pencil paper newspaper map umbrella
suitcase wallet bottle cup glass plate knife fork spoon basket candle carpet curtain pillow blanket towel bridge
street river mountain forest lake island beach field farm village school office hospital station airport museum
library theatre restaurant hotel market bank church park tower castle factory engine machine message picture
package parcel order account password button screen keyboard battery cable printer meeting project report question
answer problem story song film game party present holiday lesson language number address appointment""".split()
ADJECTIVES = """big small old new young good bad happy sad cold hot warm cool fast slow quiet loud bright dark heavy light long
short high low strong weak rich poor clean dirty easy difficult cheap expensive beautiful ugly kind friendly angry
tired hungry thirsty busy free early late wide narrow deep simple strange famous important interesting boring
dangerous safe careful clever brave lazy lucky gentle honest polite proud wonderful terrible perfect red blue green
yellow black white brown grey purple orange wooden golden empty full broken modern ancient public private""".split()
PEOPLE = """man woman boy girl child teacher doctor nurse driver farmer artist writer singer student soldier sailor
captain king queen neighbour friend brother sister mother father uncle aunt grandmother grandfather cousin manager
lawyer engineer scientist police officer waiter baker butcher painter dancer customer visitor passenger pilot""".split()
ANIMALS = "dog cat horse cow sheep goat pig chicken duck goose rabbit mouse bird fish lion tiger bear wolf fox elephant monkey snake frog eagle owl whale dolphin turtle".split()
VERBS_PAST = """bought sold found lost opened closed cleaned painted repaired carried dropped moved broke saw watched
forgot remembered wanted needed liked loved hated borrowed stole hid showed brought took made built used ordered
delivered checked changed counted described finished started ignored kept left mentioned noticed offered packed""".split()
VERBS = """buy sell find lose open close clean paint repair carry drop move break see watch forget remember want need like
love hate borrow steal hide show bring take make build use order deliver check change count describe finish start
ignore keep leave mention notice offer pack cancel confirm update send receive read write play stop call answer""".split()
ADVERBS = "quickly slowly carefully quietly loudly happily sadly suddenly usually often never always sometimes already again soon later today tomorrow yesterday tonight together alone everywhere finally really almost perhaps maybe simply".split()
PREPOSITIONS = ["on", "under", "behind", "near", "beside", "in front of", "next to", "inside", "above", "below", "between the trees and"]
WEATHER = "sunny cloudy rainy windy snowy foggy stormy cold warm mild freezing humid dry".split()

TEMPLATES = """Good morning, {name}.
Good afternoon, how can I help you?
Good evening, and welcome to {city}.
Hello {name}, how are you {adv}?
Hello world.
Hello, my name is {name}.
Thank you very much, {name}.
Thanks for calling, {name} speaking.
Your {thing} is ready.
Your {thing} will arrive on {day}.
Your order number is {num}.
Your balance is {price}.
Your appointment is on {day}, {month} {ord}, at {time}.
Your flight to {city} leaves at {time} from gate {small}.
The next train to {city} leaves in {small} minutes.
The train from {city} is {small} minutes late.
Please hold the line.
Please press {digit} to continue.
Press {digit} for {food}, or press {digit} for {food}.
Please say yes or no.
Please enter your {thing} number.
Please leave a message after the tone.
I'm sorry, I didn't understand that.
I'm sorry, {name} is not in the office {adv}.
Sorry, could you repeat that, please?
Could you {verb} the {thing}, please?
Can you {verb} my {thing}?
Would you like {food} or {food}?
Would you like to {verb} the {adj} {thing}?
Do you want to {verb} it?
Do you have any {food}?
Did you {verb} the {adj} {thing}?
Why did you {verb} the {thing}?
Where is the {thing}?
Where is the nearest {thing}?
When does the {thing} open?
How much is the {adj} {thing}?
How many {food} do we need?
How far is it to {city}?
Who {past} my {thing}?
What time is it?
What is the capital of France?
What a {adj} {thing}!
What did the {person} say?
Is this your {thing}?
Are you {adj}?
It is {time}.
It's {time} on {day}.
It will be {weather} in {city} {adv}.
The weather in {city} is {weather}, with a high of {small} degrees.
Tomorrow will be {weather} and {weather}.
Today is {day}, {month} {ord}, {year}.
On {month} {ord}, {year}, we moved to {city}.
In {year}, {name} {past} a {thing}.
She was born in {year}, in {city}.
The year was {year}.
There are {num} people in the {thing}.
There were {small} {animal}s in the {thing}.
The {thing} costs {price}.
That will be {price}, please.
The total is {price}.
We need {small} {food}.
About {pct} of the {person}s {past} it.
The temperature is {small} degrees.
The {adj} {thing} is {prep} the {thing}.
The {adj} {person} {past} the {adj} {thing}.
The {person} {past} a {thing} {prep} the {thing}.
The {animal} is {adj}.
The {adj} {animal} {past} the {animal}.
A {adj} {animal} was sleeping {prep} the {thing}.
My {person} {past} {food} and {food}.
My {person} likes {food}, {food} and {food}.
I {past} the {thing} {adv}.
I would like some {food}, please.
I want to {verb} a {thing}.
I have to {verb} the {thing} {adv}.
I have {small} {thing}s and {small} {thing}s.
I think the {person} is {adj}.
I don't know where the {thing} is.
I can't {verb} the {thing} without you.
I'll {verb} it {adv}.
I've never been to {city}.
You should {verb} the {thing} {adv}.
You can {verb} your {thing} {prep} the {thing}.
You must not {verb} the {thing}!
He {past} his {adj} {thing}, but she {past} hers.
He said that the {thing} was {adj}.
She {past} the {thing} and {past} the {thing}.
She is the {person} from {city}.
We {past} a {thing} in {city} last {day}.
We are going to {verb} the {thing}.
We'll be back after this short break.
They {past} the {thing} because it was {adj}.
They have {num} {adj} {thing}s.
If you {verb} the {thing}, {verb} the {thing} as well.
When the {person} arrived, the {thing} was {adj}.
After {small} hours, we {past} the {thing}.
Before you {verb} it, {verb} it.
Let's {verb} the {thing} {adv}.
Let me {verb} that for you.
Don't {verb} the {thing}.
Don't worry, everything is {adj}.
Be {adj}, {name}.
Nothing is as {adj} as a {adj} {thing}.
This is a {adj} {thing}.
This is the {ord} {thing} today.
These {food} are very {adj}.
Turn left at the {thing}, then turn right at the {thing}.
Go straight on for {num} metres.
You have {small} new messages.
Message received {day} at {time}.
Playing {adj} music.
The timer is set for {small} minutes.
Setting an alarm for {time}.
The lights in the {thing} are on.
Dr. {name} and Mr. {name} met in {city}.
Mrs. {name} lives at {num} {name} Street.
{name} and {name} {past} the {adj} {thing}.
{name} is {adj}, and {name} is {adj}.
{name}, {name} and {name} went to {city}.
{name} is {small} years old.
{name} {past} {num} {thing}s for {price}.
{adv}, the {person} {past} the {thing}.
Yes, I {past} it.
No, thank you.
Yes, please.
Well, I think so.
Of course you can.
See you on {day}!
See you {adv}, {name}.
Goodbye, and have a nice day.
Happy birthday, {name}!
One, two, three, four, five.
{num}.
{num}, {num}, {num}.
{small} plus {small} is {small}.
{small} times {small} equals {num}.
Call me at {digit} {digit} {digit}, {digit} {digit} {digit} {digit}.
The code is {digit} {digit} {digit} {digit}.
Room {num} is on the {ord} floor.
Chapter {small}: the {adj} {thing}.
The quick brown fox jumps over the lazy dog.
The sun was shining on the sea.
It was a {adj} day in {month}.
{word}, {word}, {word}.
{word} {word}; {word} {word}.
The word is {word}.
The {word} is {adj}.
A {word} and a {word}.
The {adj} {word} {past} the {word}.
Is it {word} or {word}?
{word} and {word} are words.
I said {word}, not {word}.
{word} {word} {word} {word}.
{word} {word} {word} {word} {word} {word}.""".splitlines()


def held_out_word(word):
    """True for the about 3 % of words that training never sees (frequent words are exempted by the caller)."""
    return hashlib.sha256(b"held" + word.lower().encode()).digest()[0] < 8


def fill(template, rng, words):
    def year():
        return str(rng.choice([rng.randint(1400, 1999), rng.randint(1900, 2030)]))

    def number():
        kind = rng.random()
        if kind < 0.3:
            return str(rng.randint(0, 99))
        if kind < 0.6:
            return str(rng.randint(100, 999))
        if kind < 0.75:
            return str(rng.randint(1000, 9999))
        if kind < 0.85:
            return f"{rng.randint(1, 99)}.{rng.randint(0, 9)}"
        return f"{rng.randint(1, 999)},{rng.randint(0, 999):03d}"

    def ordinal():
        n = rng.randint(1, 31)
        suffix = "th" if 10 < n < 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
        return f"{n}{suffix}"

    def time():
        kind = rng.random()
        if kind < 0.5:
            return f"{rng.randint(1, 12)}:{rng.randint(10, 59)}"
        if kind < 0.7:
            return f"{rng.randint(1, 12)} o'clock"
        if kind < 0.85:
            return rng.choice(["half past ", "quarter past ", "quarter to ", "ten past ", "twenty to "]) + rng.choice(
                "one two three four five six seven eight nine ten eleven twelve".split()
            )
        return f"{rng.randint(1, 12)} {rng.choice(['am', 'pm'])}"

    def price():
        return rng.choice([f"${rng.randint(1, 999)}", f"${rng.randint(1, 99)}.{rng.randint(10, 99)}"])

    fillers = {
        "name": lambda: rng.choice(NAMES),
        "city": lambda: rng.choice(CITIES),
        "day": lambda: rng.choice(DAYS),
        "month": lambda: rng.choice(MONTHS),
        "food": lambda: rng.choice(FOODS),
        "thing": lambda: rng.choice(THINGS),
        "adj": lambda: rng.choice(ADJECTIVES),
        "person": lambda: rng.choice(PEOPLE),
        "animal": lambda: rng.choice(ANIMALS),
        "past": lambda: rng.choice(VERBS_PAST),
        "verb": lambda: rng.choice(VERBS),
        "adv": lambda: rng.choice(ADVERBS),
        "prep": lambda: rng.choice(PREPOSITIONS),
        "weather": lambda: rng.choice(WEATHER),
        "digit": lambda: str(rng.randint(0, 9)),
        "small": lambda: str(rng.randint(2, 99)),
        "num": number,
        "year": year,
        "ord": ordinal,
        "time": time,
        "price": price,
        "pct": lambda: f"{rng.randint(1, 100)}%",
        "word": lambda: rng.choice(words),
    }
    text = re.sub(r"\{(\w+)\}", lambda match: fillers[match[1]](), template)
    return text[0].upper() + text[1:]


def clean(text):
    text = re.sub(r"\s+", " ", text).strip()
    return text if re.fullmatch(r"[A-Za-z0-9 ,.;:!?'\"$%()&-]+", text) else None


def pieces_of(text, rng):
    """Cuts running text into sentences or clauses that fit."""
    for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z\"])", text):
        sentence = clean(sentence)
        if not sentence:
            continue
        if len(sentence) > MAX_CHARACTERS:
            for clause in re.split(r"(?<=[;:,])\s+", sentence):
                if 12 <= len(clause) <= MAX_CHARACTERS and rng.random() < 0.6:
                    yield clause
        elif len(sentence) >= 8 and " " in sentence:
            yield sentence


def verses():
    books = "gen exo deu jos rut 1sa 2sa 1ki 2ki est job psa pro ecc isa jer eze dan hos jon mat mar luk joh act rom 1co 2co gal eph phi jam 1pe 1jo rev".split()
    for book in books:
        for chapter in range(1, 151):
            out = subprocess.run(["bible", "-l400", "-f", f"{book}{chapter}:1-200"], capture_output=True, text=True).stdout
            lines = [re.sub(r"^\S+\s+", "", line) for line in out.splitlines() if re.match(r"^\w+\d+:\d+ ", line)]
            if not lines:
                break
            yield " ".join(lines)


def proverbs():
    skip = ("ascii-art", "zippy", "perl", "tao")
    for path in sorted(glob.glob("/usr/share/games/fortunes/*.u8")):
        if any(name in path for name in skip):
            continue
        for entry in open(path, encoding="utf8", errors="ignore").read().split("\n%\n"):
            entry = re.sub(r"\n\s*--.*", "", entry, flags=re.S)
            if "\b" not in entry and "_" not in entry:
                yield entry


def all_sentences(count, seed):
    """A shuffled list of `count` distinct sentences, and the set of frequent words that are never held out."""
    rng = random.Random(seed)
    sacred = [p for text in verses() for p in pieces_of(text, rng)]
    witty = [p for text in proverbs() for p in pieces_of(text, rng)]
    frequency = {}
    for sentence in witty + sacred[: len(witty)]:
        for word in re.findall(r"[A-Za-z']+", sentence):
            frequency[word.lower()] = frequency.get(word.lower(), 0) + 1
    template_words = {w.lower() for t in TEMPLATES for w in re.findall(r"[A-Za-z']+", t)}
    ranked = sorted(frequency, key=lambda w: -frequency[w])
    exempt = set(ranked[:600]) | template_words
    dictionary = [w.strip() for w in open("/usr/share/dict/words", encoding="utf8")]
    dictionary = [w for w in dictionary if re.fullmatch(r"[a-z]{3,12}", w)]
    known = [w for w in ranked if re.fullmatch(r"[a-z]{3,12}", w) and frequency[w] > 2]
    words = known * 3 + dictionary
    weights = [1 if "{word}" in t else 2 if "{" in t else 0.25 for t in TEMPLATES]
    everyday = [fill(t, rng, words) for t in rng.choices(TEMPLATES, weights, k=count * 2)]
    rng.shuffle(sacred), rng.shuffle(witty)
    mixed = sacred[: count // 5] + witty[: count // 4] + everyday
    mixed = [s for s in dict.fromkeys(mixed) if len(s) <= MAX_CHARACTERS]
    rng.shuffle(mixed)

    def forbidden(sentence):
        return any(held_out_word(w) and w.lower() not in exempt for w in re.findall(r"[A-Za-z']+", sentence))

    train = [s for s in mixed if not forbidden(s)][:count]
    test = [s for s in mixed if forbidden(s)]
    return train, test, exempt


if __name__ == "__main__":
    train, test, _ = all_sentences(3000, 1)
    print(len(train), len(test))
    for s in random.Random(2).sample(train, 25) + ["--"] + random.Random(2).sample(test, 8):
        print(s)
