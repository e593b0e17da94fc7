"""Words that Punkt, a detector of sentence ends (Kiss and Strunk 2006), learned from English newspapers.

Belongs here: the abbreviations and sentence starters of NLTK's English model, and how its text spelled common words.
Does not belong here: the algorithm that uses them (`sentences.py`). Of some twenty thousand spellings only those of
common words are here; another word counts as a name.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ABBREVIATIONS = _words(
    """
    a.a a.c a.d a.g a.h a.m a.m.e a.s a.t adm ala ariz aug ave b.f b.v bros c c.i.t c.o.m.b c.v calif chg cie co
    col colo conn corp cos ct d d.c d.h d.w dec dr e e.f e.h e.l e.m f f.g f.j feb fla fri ft g g.d g.f g.k ga
    gen h h.c h.f h.m i.m.s ill inc j.b j.c j.j j.k j.p j.r jan jr k kan ky l l.a l.f l.p lt ltd m m.b.a m.d.c
    m.j maj messrs mg mich minn mr mrs ms n n.c n.d n.h n.j n.m n.v n.y nev nov oct ok okla ore p p.a.m p.m pa
    ph.d prof r r.a r.h r.i r.j r.k r.t rep reps s s.a s.a.y s.c s.g s.p.a s.s sen sep sept sr st sw t t.j tenn
    tues u.k u.n u.s u.s.a u.s.s.r v va vs vt w w.c w.r w.va w.w wash wed wis yr
    """
)
"""Types that end with a full stop without ending a sentence, without that stop."""

STARTERS = _words(
    """
    according although among both but despite even he however i if in indeed instead it many meanwhile moreover
    most nevertheless nonetheless nor sales separately similarly since so some the there these they this though
    thus under when while yet
    """
)
"""Words that often open a sentence after an abbreviation."""

SMALL_WITHIN = _words(
    """
    able above abuse accept acceptable acceptance accepted accepting accepts accident accuracy accurate actions
    active ad adapted adding addition additions address addresses adds adjacent adjust adult advantage advice
    affected afternoon agent agreed airline allow allowed allows along already alternative always ambition
    amount analysis angle animal annual answers anybody anyone anything anywhere apartment appear appearance
    application applications applied applies apply appointment approach appropriate apt architecture argument
    arguments arising arm array arrival article ask asked asking aspect assert assertion assign assignment
    assist associate assume assuming assumption atmosphere attach attached attack attention attitude attribute
    attributes audience audio audit author authorization authorized authors automatically availability available
    awareness backup bag band baseball basic basis basket bat beast beat become bed bedroom begin behalf
    behavior behind being bench benchmark benefit bet beta better between beyond bias bicycle binding birth bit
    bite bits bitter blame blind blocks blood body bone bonus boot bother bottle bound box boy brackets brain
    branch bread break breaking breast breath brick brilliant broken brother buddy buffer build builds built
    bunch bundle burn bus buyer cabinet calculate call calling calm camera cancel candidate cannot car carbon
    carefully cargo carpet carry cause caused causes causing cell cells certificate certificates chair challenge
    chance character characters charge chart check checked checking chest choice choices choose chunk claim
    classes clause clerk client climate clock closes closet closing clothes cloud cluster coat codes cold
    collections colors column columns combination combine combined comfort comfortable commander comment
    comments commit commits compare compared comparison compatibility compatible compiled complete completely
    completion complexity compliance comply component components compound concentrate conclusion condition
    conditions confirm conflict confusing connected connection connections consequence consequential consider
    consideration considered consist consistent console constant constitutes constitutional constraints contact
    contain contained containing contains content contents contest context continuation contribution
    contributions contributors controlled conversation conversion conversions convert converted cookies copied
    copies copy copying copyright core corner correct corrected correctly corresponding cost counter counting
    counts couple courage course covered cows crack craft crash cream create created creates creating creation
    credentials crew criticism currently custom customer cycle damages dark database date daughter debate deep
    default define defined defines defining definition degree delegated deleted deleting delivery dependency
    dependent depending depends depth derivative derived describe described describes describing description
    designed designer desire desk destroy destroyed detail detailed details detected detection determine
    determining developed developer developers dictionary didn die diet difference differences different
    differently difficulty dig direct direction directly dirt disable disaster discipline discussion dish disk
    display displayed displays distance distinct distribute distributed distributing distributions doctor
    document documentation does doesn doing done door dot double doubt draft drag drama draw drawing dress drink
    drunk dump duplicate duration dynamic ear earlier early easier easily edge editing effective effects
    efficiency efficient egg either element elements elevator else emergency emphasis employ employee employer
    empty enable enabled enables enclosed endorse engineer enough ensure enter entire entities entity entrance
    entries entry environment equal equivalent errors escape especially essay established establishment et etc
    evaluate event evidence exact exactly exam examination example examples except exception exceptions
    excitement exclude excluding exclusive excuse execute executed execution exercise exercising exist existing
    exists expand expanded expansion experience experimental expert explain explanation explicit explicitly
    export exported expression expressions extend extent external extra extract extreme eye fact factor familiar
    fan faster fat fault fear feature features feedback feeling female fetch fiber figure file files fill final
    finally finish finished fish fishing fit fix fixed flag flaky flight float floor flower fly fold follow
    followed following follows foot forever fork formal format formula forward framework freely friend
    friendship fully functions fundamental funny furnished gained garbage gather generate generated generating
    generator gift girl girlfriend given gives global goes going golf grab grandfather grants greater grid
    grocery ground guarantee guess guest guidance guitar guy habit hair handle handled handles hang happen
    happens harm hate hearing heavy height hence her here hide highlight him hire historian hold homework horror
    horse host hour hours hurry husband idea ideal identity idle ignore ignored illegal image images imagination
    immediately implement implementation implemented implied import importance important imported impression
    improve improved improvement improvements inability incident include included including inclusion incomplete
    incorporated incorrect incorrectly independence independent indicated indicates indicating indication
    indirect individual inevitable influence infringed infringement initial injury input inside insight inspect
    inspection inspector install installation installed installing instance instances instead instructions
    integration intellectual intention intentionally interpretation interpreted into introduced invalid invite
    invoked involves isn item items jacket joke junior karma kick kid kill kiss kitchen knife knowledge known
    lab lack ladder language languages larger laugh launch le leadership leading leak learned least length
    lesson letters liability liable libraries licensed licenses licensing lie lift limitation limitations linked
    linking links lip list listed listen listeners listing lists literature litigation living located location
    lock logical looking lot lunch maintain maintenance male mall managed manager manner manufacturer marked
    marriage match matched matching math maximum meal mean meaning measured measurement mechanism medium member
    membership mention mentioned menu menus merge mess message messages method mid midnight miles milk mind mine
    minimal minimum minute missing mistake mix mixture mobile modification modifications modified modify mom
    moment mood moreover morning mother mouse mouth moved multiple muscle nasty native nature necessarily
    necessary neck need needed needs negative negotiation neighbor neither newer newspaper nodes noise non nor
    normally nose note nothing notices novel number numbers object objective objects obligation obligations
    obtain obtaining occasion occurs officer offset okay older omit ones opened opening operator operators
    opportunity opposite optional ordinary origin original originally otherwise outcome override owner ownership
    pack packages page pages pain paint pair parallel parking partial particular partner pass passage passed
    passenger passing passion password paste path paths patient patterns pause peak peer pen pending per percent
    percentage perception perform performance permission permit permitted person personal personality persons
    phase philosophy phone phrase physical piano pick piece pieces pipe pipeline pitch places plain plane
    plastic plate platform platforms plausible play player please pleasure plenty poet points politics pool pop
    port position positive possession possibility potato potential pound practice precision prefer preference
    preferred preparation prepare presence present presentation preserve prevent previous previously pride
    priest primitive principle printed prior priority private pro probably problem problems process processes
    processing produces product profession professor profile program programming projections projects promise
    promises promotion prompt proof proper properly provide provided provider provides provision provisions
    psychology publicity publicly publish published pull purposes put quantity question questions quotes rain
    range ranges ratio raves raw reaction readable reality reasonable receive received recent reception recipe
    recipient recipients recognition recognize recognized recommend recommendation recommended recover
    redistributing redistribution refer refers reflection refuse regarding regardless region registered registry
    regret regular rejected relation relationship relative released releases relevant relief remain remaining
    remember remote remove removed removing renamed rent replace replaced replacement reply reporting represent
    representation represented representing represents reproduce reputation requested require required
    requirements requires reserved resist resolution resolved resort respect respond response responses
    responsible restart restaurant restore restriction restrictions result resulting results retain returned
    returning reveal reverse reward rewards right roll roof rough round routine rows ruin runs rush sad safe
    salad same sample samples sand sandwich satisfaction saving scale scaling scenario scene schedule scope
    score script scripts se season seconds section sections seems select selected selecting selection send sense
    sensitive sent sentence separate separated serve session setting settings setup sex shake shape shared shell
    shelter shift shine shirt shock shoot shot shoulder shown signed significance significant similar similarly
    simple simply sin sing single sink sister size skill skin skip skirt slow smaller smell smile smoke snapshot
    snow so soil solely solid solution solve sometimes son sort sorting source spaces spare spawn specialist
    specific specifically specified specify speech speed spell spend spirit spiritual spite sport spread stable
    stage stand started starting stated statement statements status steal step stick still storage stored stream
    streams strength stress stretch strict string strip structure studio style submit submitted subsequent
    substantial substitute success such suggestion suggests sum sums supported supporting supports surgery
    surprise surround suspect sweep swim swimming swing symbolic symbols sympathy tables tackle tags taking tale
    tank tap targets task taste tea teach teacher teaching team tear temperature temporary tension term
    termination terms tested testing text thanks them theory therefore things think thinking though thought
    through throw thrown throws thus ticket tie tier timed tip title together token tomorrow tone tourist trace
    trademark trademarks tradition trailing train trait transfer transformation transition translate translation
    treat treated trees trick tried trigger triggered true truth try trying tune turn turns twist type typical
    typically underlying understand undo unique unknown unless unlike unnecessary updated updates upon us useful
    user uses using vacation valid valuable values variable variant variation variety various vast ve vegetable
    vehicle vendor version versions very via village virtual virus visible visited visual void wait walk wants
    warn warning warnings warranties wave weakness wealth wear weather web wedding weekend weight welcome were
    whenever whereas whether which whole whom wide wife win window winner wish within without witness words
    working writer writes writing written yes yesterday yet your youth zero zeros zone
    """
)
"""Words seen small, and within a sentence never with a capital: with one they open a sentence."""

SMALL_OR_CAPITAL = _words(
    """
    about access add added additional after all also an and another answer any are as associated at auto avoid
    back base based be because been before below best block boost both but by called can case cases change
    changed changes changing channel child class close code color command common container contract control
    could count current data de did distribution do don during each east end error even every expected extension
    fails false find first for form found free from full function general get grant granted group has have he
    help his home how however if in includes index information internal is issue issues it its itself just key
    lane last later latest left let level license like line lines link load local long longer made main make
    many may me means memory model more most move must my name names net new next no none not notice now of on
    once one only open option options or order other out output over own package part patent pattern policy
    possible print project properties property public purpose re read reference release request requests return
    returns rights role run running rust search second see sell service set share she should sign since software
    some special standard start state subject support system systems target test tests than that the their then
    there these they this those time times to tools total tree two types under units up use used users value
    want warranty was way we west what when where while will windows with work works would write you
    """
)
"""Words seen small, and within a sentence with a capital as well: a capital says nothing."""
