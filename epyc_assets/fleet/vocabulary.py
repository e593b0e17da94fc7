"""The words that are one token in the demo fleet's vocabulary, in the order of their merges.

Belongs here: the two lists, which decide every token id of the shipped files. They are kept apart from the
question generators so that new or changed questions do not change the ids: words that are not here are
read letter by letter.
"""

from __future__ import annotations

_AFTER_A_SPACE = (
    "the has code in with is Answer and only of does this these step Which ball The white pink red "
    "black one end grey blue green letters brown than Python Request like line notes number output "
    "print program by Gus Ivan Nina Fay Otto words Lena Sam Rosa Carl Ben Anna Emil Will Jane Pia Hana "
    "Vera Uri Tara Karl Yara word Zoe Dora Max text Think shed coins swap hall tower timer cellar porch "
    "kitchen studio stable library attic garden to office took have name kept saw wanted found hid "
    "moved lost about for weather small taller faster sentences from sentence Who commas call person "
    "colour older each buy count travel How light rope minutes map box apple glove drum item spoon dog "
    "bear jar stone flag chair pen book nail shell cup frog bread exactly much give whole lamp leaf "
    "coin crow hat It hare many clock mouse state owl story went card horse key wolf fox goat separated "
    "times cat capital Set now first Buy double quotes Use never without hours packs Book trip as "
    "bullet keys list pet points starting who End half clever last tired old happy bags brave gets if "
    "Wake me young away finds gives more quiet range back buys costs get pays reverse shortest slowest "
    "tallest What fastest Please ring oldest pieces today warm order same am be tomorrow Turn Is it "
    "raining youngest backwards second talk want Call Delhi Quito Prague Cairo Accra on Kyiv Tunis "
    "Tokyo off Lima Madrid Bonn Nairobi Paris Seoul Oslo Vienna Hanoi Rome London Dublin "
)

_AT_THE_START = (
    "Answer What Read Tools Write The Repeat How Replace Calculate Copy Join Give Put Sam Rosa Ivan "
    "Hana Lena Anna Carl Emil Yara Pia Nina Fay Otto Zoe Karl Gus Vera Ben Jane Max Will Uri Tara Dora "
    "One True Delhi Quito Prague Cairo Accra Kyiv Tunis Tokyo Lima Madrid Bonn Nairobi Paris Seoul Oslo "
    "Vienna Hanoi Rome London Dublin "
)

WORDS_AFTER_A_SPACE = tuple(_AFTER_A_SPACE.split())
WORDS_AT_THE_START = tuple(_AT_THE_START.split())
