"""Corpus of replies to a request for a list: writes lists.jsonl.

What `auto` should read is stated by hand, or follows from how a reply is made out of titles. What the
two RecLM-eval parsers read is computed by their rules, written here a second time (evaluates/
evaluate.py of 28 Sep 2025 and of Sep 2024). Known titles: KNOWN, unless a case says it has none.
"""
import json

KNOWN = [
    "Toy Story", "Me, Myself & Irene", "Portal", "Portal 2", "Up", "Monsters, Inc.", "It",
    "The Good, the Bad and the Ugly", "Star Wars: A New Hope", "Counter-Strike: Source", "Amélie",
    "千と千尋の神隠し", "海街日记", "2001: A Space Odyssey", "12 Angry Men", "Half-Life 2", "Don't Look Up",
    "\"Weird Al\" Yankovic", "M*A*S*H", "[REC]", "Crouching Tiger, Hidden Dragon", "Mamma Mia!",
    "Who's Afraid of Virginia Woolf?", "Se7en", "Spider-Man - Far from Home", "Alien (1979)",
    "10,000 BC", "sex, lies, and videotape", "The Sims 3", "Dr. No", "Heat", "Her", "Léon", "Ran",
]
A = ["Toy Story", "Portal", "Up"]
B = ["Star Wars: A New Hope", "Me, Myself & Irene", "12 Angry Men", "Se7en"]
C = ["Amélie", "千と千尋の神隠し", "Don't Look Up", "M*A*S*H", "Dr. No"]
D = ["Half-Life 2", "Unheard Of Game", "The Sims 3", "Half-Life 2"]
E = ["Spider-Man - Far from Home", "Alien (1979)", "10,000 BC", "Mamma Mia!", "Heat", "Her"]
SETS = [A, B, C, D, E]


def reclm(reply):
    return [p.strip() for p in reply.split("<end>") if p.strip()]


def legacy(reply):
    lines, out = reply.split("\n"), []
    for line in lines:
        dots = line.split(". ")
        if not out and ", " in line:
            text = ": ".join(line.split(": ")[1:]) if "Based on your" in line else line
            out += text.split(", ")
        elif not out and len(dots) > 2 and dots[0].isdigit():
            out += [" ".join(x.split(" ")[:-1]) for x in dots[1:]]
        elif len(dots) > 1 and dots[0].isdigit():
            out.append(dots[1])
    if not out and len(lines) >= 5:
        first = lines.index("") if "" in lines else len(lines)
        rest = lines[first + 1:]
        second = rest.index("") if "" in rest else len(rest)
        out += [x.strip() for x in rest[:second]]
    return out or [lines[-1]]


CASES = []


def case(reply, mode, titles, known=True):
    CASES.append((reply, mode, titles, known))


def made_of_titles():
    for s in SETS:
        case("".join(t + "<end>" for t in s), "end", s)
        case("".join(t + "<end>\n" for t in s), "end", s)
        case("<end>".join(s), "end", s)
        case("".join(f"<SOI>{t}<EOI><end>" for t in s), "end", s)
        case("Here is the ranking:\n" + " ".join(t + "<end>" for t in s), "end", s)
        case("<think>Portal, Up, Heat</think>\n" + "".join(t + "<end>" for t in s), "end", s)
        case("".join(f"{i}. {t}<end>\n" for i, t in enumerate(s, 1)), "end", s)
        case(json.dumps(s), "json", s)
        case(json.dumps(s, ensure_ascii=False, indent=1), "json", s)
        case("```json\n" + json.dumps({"recommendations": s}) + "\n```", "json", s)
        case("Sure!\n" + json.dumps([{"title": t, "reason": "fun, [really]"} for t in s]), "json", s)
        case("\n".join(f"{i}. {t}" for i, t in enumerate(s, 1)), "numbered", s)
        case("\n".join(f"{i}) {t}" for i, t in enumerate(s, 1)), "numbered", s)
        case("\n".join(f"{i}: {t}" for i, t in enumerate(s, 1)), "numbered", s)
        case("\n\n".join(f"**{i}. {t}**" for i, t in enumerate(s, 1)), "numbered", s)
        case("Based on your taste, try these:\n\n"
             + "\n".join(f"{i}. **{t}** - because you liked Heat, Ran" for i, t in enumerate(s, 1))
             + "\n\nEnjoy!", "numbered", s)
        case("\n".join(f"{i}. \"{t}\"" for i, t in enumerate(s, 1)), "numbered", s)
        case(" ".join(f"{i}. {t}" for i, t in enumerate(s, 1)), "numbered", s)
        case("\n".join(f"- {t}" for t in s), "bullets", s)
        case("Some ideas:\n" + "\n".join(f"* {t}" for t in s), "bullets", s)
        case("\n".join(f"• *{t}*" for t in s), "bullets", s)
        case("\n".join(f"- {t}\n  - why: it is a good match" for t in s), "bullets", s)
        case(", ".join(s), "commas", s)
        case(", ".join(f'"{t}"' for t in s), "commas", s)
        case("I recommend the following titles: " + ", ".join(s[:-1]) + ", and " + s[-1] + ".", "commas", s)
        case("\n".join(s), "lines", s)
        case("Here are my picks:\n\n" + "\n".join(f"**{t}**" for t in s) + "\n", "lines", s)


def by_hand():
    # nothing, refusals, prose
    case("", "blank", [])
    case(" \n\t ", "blank", [])
    case("<think>I should list Portal, Up", "blank", [])
    case("Portal, Up\n</think>\n\nToy Story", "lines", ["Toy Story"])
    case("<THINK>no</THINK>Up<end>", "end", ["Up"])
    case("None", "unreadable", [])
    case("None.", "unreadable", [])
    case("N/A", "unreadable", [])
    case("null", "unreadable", [])
    case("I'm sorry, but I cannot help with that request.", "unreadable", [])
    case("As an AI language model I do not have access to your history, so I am unable to say.",
         "unreadable", [])
    case("抱歉，我无法提供推荐。", "unreadable", [])
    case("Sure! You seem to like puzzle games and films with a lot of heart and a bit of humour in them.",
         "unreadable", [])
    case("[]", "json", [])
    case("```json\n[]\n```", "json", [])
    # <end>
    case("Up<end>Portal<end>Toy St", "end", ["Up", "Portal", "Toy St"])
    case("Up<end>\nPortal<end>\nI hope you enjoy these films and games a lot!", "end", ["Up", "Portal"])
    case("Up<end>\nPortal<end>\nToy Story", "end", ["Up", "Portal", "Toy Story"])
    case("Up<end><end><end>Portal<end>", "end", ["Up", "Portal"])
    case("<end>", "end", [])
    case("Up<end>Up<end>Up<end>", "end", ["Up", "Up", "Up"])
    case("Sure.\nUp<end>", "end", ["Up"])
    case("2001: A Space Odyssey<end>12 Angry Men<end>", "end", ["2001: A Space Odyssey", "12 Angry Men"])
    # JSON
    case('["Up", "Portal", "Toy St', "json", ["Up", "Portal"])
    case('["Up", "Port\\u0061l", "Am\\u00e9lie"]', "json", ["Up", "Portal", "Amélie"])
    case('Here: ["Up"] and also ["Portal"]', "json", ["Up"])
    case('{"items": [{"name": "Up"}, {"name": "Portal"}]}', "json", ["Up", "Portal"])
    case('["", "Up"]', "json", ["", "Up"])
    case("['Up', 'Portal', 'Toy Story']", "commas", ["Up", "Portal", "Toy Story"])
    case('[REC]', "lines", ["REC"])
    # numbers
    case("1. Up", "numbered", ["Up"])
    case("1.Up\n2.Portal", "numbered", ["Up", "Portal"])
    case("  1.  Up  \n  2.  Portal  ", "numbered", ["Up", "Portal"])
    case("1\\. Up\n2\\. Portal", "numbered", ["Up", "Portal"])
    case("1、海街日记\n2、千と千尋の神隠し", "numbered", ["海街日记", "千と千尋の神隠し"])
    case("### 1. Up\nA film.\n### 2. Portal\nA game.", "numbered", ["Up", "Portal"])
    case("1. Up\n2. Portal\n3.", "numbered", ["Up", "Portal"])
    case("1. Up\n1. Portal\n1. Up", "numbered", ["Up", "Portal", "Up"])
    case("1. Up - a film about a house, balloons\n2. Portal: a game", "numbered", ["Up", "Portal"])
    case("1. Spider-Man - Far from Home - sequel\n2. Star Wars: A New Hope: classic", "numbered",
         ["Spider-Man - Far from Home", "Star Wars: A New Hope"])
    case("1. Unheard Of - a mystery\n2. Portal (2007)", "numbered", ["Unheard Of - a mystery", "Portal"])
    case("1. Alien (1979) (Ridley Scott)\n2. Heat (1995)", "numbered", ["Alien (1979)", "Heat"])
    case("1. [Up](https://example.org/up)\n2. [Portal](https://example.org/portal)", "numbered",
         ["Up", "Portal"])
    case("1. **Up:** balloons\n2. **Portal:** doors", "numbered", ["Up", "Portal"])
    case("1. \"Weird Al\" Yankovic\n2. \"Up\" by Pixar", "numbered", ["\"Weird Al\" Yankovic", "Up"])
    case("1. Dr. No\n2. Mamma Mia!\n3. Who's Afraid of Virginia Woolf?", "numbered",
         ["Dr. No", "Mamma Mia!", "Who's Afraid of Virginia Woolf?"])
    case("(1) Up\n(2) Portal", "numbered", ["Up", "Portal"])
    case("8. Heat\n9. Her\n10. Ran", "numbered", ["Heat", "Her", "Ran"])
    case("1. Up\n   - balloons\n2. Portal\n   - doors", "numbered", ["Up", "Portal"])
    # numbers that are titles
    case("2001: A Space Odyssey", "lines", ["2001: A Space Odyssey"])
    case("2001: A Space Odyssey\n12 Angry Men", "lines", ["2001: A Space Odyssey", "12 Angry Men"])
    case("10,000 BC, Up", "commas", ["10,000 BC", "Up"])
    # bullets
    case("- Up", "bullets", ["Up"])
    case("– Up\n– Portal", "bullets", ["Up", "Portal"])
    case("+ Up\n+ Portal", "bullets", ["Up", "Portal"])
    case("- **Up** (2009)\n- **Portal**", "bullets", ["Up", "Portal"])
    case("-Up\n-Portal", "lines", ["-Up", "-Portal"])
    # commas
    case("Up,Portal", "lines", ["Up,Portal"])
    case("Up, Portal", "commas", ["Up", "Portal"])
    case("Up, Portal,", "commas", ["Up", "Portal"])
    case("The Good, the Bad and the Ugly, Crouching Tiger, Hidden Dragon, sex, lies, and videotape", "commas",
         ["The Good, the Bad and the Ugly", "Crouching Tiger, Hidden Dragon", "sex, lies, and videotape"])
    case("Monsters, Inc., Up, Monsters, Inc.", "commas", ["Monsters, Inc.", "Up", "Monsters, Inc."])
    case("The Good, the Bad and the Ugly", "lines", ["The Good, the Bad and the Ugly"])
    case("Star Wars: A New Hope, Up", "commas", ["Star Wars: A New Hope", "Up"])
    case("Nothing Known, Another Unknown, Third One", "commas",
         ["Nothing Known", "Another Unknown", "Third One"])
    case("You might like: Up, Portal, Heat.", "commas", ["Up", "Portal", "Heat"])
    case("Based on your history, I suggest the following: Up, Portal", "commas", ["Up", "Portal"])
    case("Based on your history:\nUp, Portal, Heat", "commas", ["Up", "Portal", "Heat"])
    case("海街日记、千と千尋の神隠し", "commas", ["海街日记", "千と千尋の神隠し"])
    case("\"Up\", \"Me, Myself & Irene\"", "commas", ["Up", "Me, Myself & Irene"])
    case("\"Nowhere, Man\", \"Up\"", "commas", ["Nowhere, Man", "Up"], False)
    case("Alpha One, Beta Two", "commas", ["Alpha One", "Beta Two"], False)
    case("Me, Myself & Irene, Up", "commas", ["Me", "Myself & Irene", "Up"], False)
    case("Portal, and Up", "commas", ["Portal", "Up"])
    case("The 3 items that this user will most likely interact with next are Up, Portal, Heat", "commas",
         ["Up", "Portal", "Heat"])
    case("I think you will like Me, Myself & Irene, Heat, and Up.", "commas", ["Me, Myself & Irene", "Heat", "Up"])
    case("The answer is:\n\n" + ", ".join(["The Best One First"] * 9), "commas", ["The Best One First"] * 9)
    case("There is Nothing to Like, as the List is Empty", "lines",
         ["There is Nothing to Like, as the List is Empty"])
    # lines
    case("Up", "lines", ["Up"])
    case("\"Up\"", "lines", ["Up"])
    case("`Up`", "lines", ["Up"])
    case("Up.", "lines", ["Up."])
    case("Up\r\nPortal\r\n", "lines", ["Up", "Portal"])
    case("Up\n\n\nPortal", "lines", ["Up", "Portal"])
    case("Sure, here are three titles you may enjoy this weekend:\nUp\nPortal\nHeat", "lines",
         ["Up", "Portal", "Heat"])
    case("Up\nI chose this one because it is a lot of fun for the whole family.", "lines", ["Up"])
    case("```\nUp\nPortal\n```", "lines", ["Up", "Portal"])
    case("Up,\nPortal,\nHeat", "lines", ["Up", "Portal", "Heat"])
    case("“Amélie”\n«Léon»", "lines", ["Amélie", "Léon"])
    case("<SOI>Up<EOI>\n<SOI>Portal<EOI>", "lines", ["Up", "Portal"])
    # legacy forms
    case("Intro\n\nUp \n Portal\n\nBye", "lines", ["Intro", "Up", "Portal", "Bye"])
    case("1. Up 2. Portal 3. Heat", "numbered", ["Up", "Portal", "Heat"])


def main():
    made_of_titles()
    by_hand()
    with open("lists.jsonl", "w", encoding="utf-8") as f:
        print(json.dumps({"known": KNOWN}, ensure_ascii=False), file=f)
        for reply, mode, titles, known in CASES:
            print(json.dumps({"reply": reply, "known": known, "mode": mode, "auto": titles,
                              "reclm": reclm(reply), "reclm_legacy": legacy(reply)},
                             ensure_ascii=False), file=f)
    print(len(CASES), "replies")


if __name__ == "__main__":
    main()
