//! French: "il" and "elle" to "tu" with the verb, "le", "la", "lui" to "te", "son" to "ton"; orders and questions.

use super::{Addressee, Clause, Form, Gender, Others, Pairs, Word, Words, statement, written};

/// Family words, by gender.
pub(super) const WOMEN: Words = Words(
    "maman mere mamie femme soeur fille tante tata grand niece cousine copine belle compagne fiancee marraine \
     voisine patronne amie",
);
pub(super) const MEN: Words = Words(
    "papa pere papi papy mari frere fils oncle tonton neveu cousin copain beau compagnon fiance parrain voisin \
     patron chef ami",
);
/// Recipients that another person or several people stand behind.
pub(super) const OF_ANOTHER: Words = Words(
    "sa son ses leur leurs eux elles tous toutes equipe famille groupe de d' du des et parents enfants amis \
     copains copines collegues nous vous classe gens tout",
);
/// Somebody else who may be meant by a pronoun.
const PEOPLE: Words = Words(
    "maman papa mère père sœur soeur frère femme mari fille fils tante oncle cousin cousine mamie papi papy ami \
     amie copain copine patron patronne chef docteur médecin maîtresse maître prof professeur voisin voisine \
     collègue directeur directrice infirmière plombier homme garçon dame monsieur bébé chien chat quelqu'un \
     personne avocat chauffeur coach",
);
/// Written with a capital, and nobody.
const CAPITALS: Words = Words("lundi mardi mercredi jeudi vendredi samedi dimanche noel paques je il elle on tv ok");
const PREPOSITIONS: Words = Words("à a pour avec chez sans de d' vers sur derrière devant après contre");
/// Clitics between a subject and its verb that stay as they are.
const CLITICS: Words = Words("me m' nous y en ne n'");
/// Verbs of people in the forms that follow "je le": who is called, seen or waited for is no thing.
const TOWARDS_PEOPLE: Words = Words(
    "aime aimes aimais aimerai adore adorais embrasse appelle appellerai rappelle rappellerai attends attend \
     attendais attendrai attendra attendons verrai verra vois voit retrouve retrouverai rejoins rejoint \
     rejoindrai préviens prévient préviendrai remercie remercions félicite félicitons aide aiderai invite \
     inviterai entends entend comprends comprend écoute emmène emmènerai ramène ramènerai raccompagne accompagne \
     accompagnerai dépose contacte contacterai déteste crois admire salue serre soutiens embrassons aimons \
     adorons pardonne respecte rappelons appelons épouse félicitais",
);
/// The same as participles, after "je l'ai".
const TOWARDS_PEOPLE_PAST: Words = Words(
    "appelé appelée rappelé rappelée attendu attendue cherché cherchée aidé aidée croisé croisée invité invitée \
     prévenu prévenue rencontré rencontrée remercié remerciée entendu entendue aimé aimée raté ratée vexé vexée",
);
/// The same in the infinitive, after "je vais".
const TOWARDS_PEOPLE_TO: Words = Words(
    "aimer appeler rappeler attendre voir revoir retrouver rejoindre prévenir remercier féliciter aider inviter \
     écouter emmener ramener raccompagner accompagner déposer contacter chercher rencontrer embrasser consoler \
     réveiller déranger récupérer soutenir saluer comprendre entendre épouser rassurer croiser visiter",
);
/// The third person of frequent verbs that no rule makes a second person of.
const VERBS: Pairs = Pairs(
    "est es, a as, va vas, fait fais, veut veux, peut peux, vaut vaux, doit dois, sait sais, voit vois, vient \
     viens, revient reviens, devient deviens, tient tiens, met mets, promet promets, permet permets, sort sors, \
     part pars, repart repars, dort dors, sent sens, ment mens, sert sers, reçoit reçois, connaît connais, \
     connait connais, croit crois, court cours, boit bois, plaît plais, plait plais, rejoint rejoins, meurt \
     meurs, aperçoit aperçois, paraît parais, apparaît apparais, bat bats",
);
/// What an infinitive of the same person follows.
const MODALS: Words = Words("dois peux vas veux devrais pourrais voudrais devras pourras aimes préfères pas");
/// Verbs whose "il" is nobody.
const IMPERSONAL: Words = Words(
    "pleut pleuvait pleuvra neige neigeait gèle faut fallait faudra faudrait paraît semble suffit vaut s'agit \
     agit grêle vente",
);
const WEATHER: Words =
    Words("beau froid chaud nuit jour gris doux bon mauvais moche frais soleil noir très trop si encore déjà assez");
const OF_TIME: Words = Words(
    "tard tôt temps midi minuit possible impossible nécessaire important interdit prévu question presque déjà \
     bientôt trop une deux trois quatre cinq six sept huit neuf dix onze vrai évident clair inutile",
);
/// Orders that no rule makes of the infinitive.
const ORDERS: Pairs = Pairs(
    "venir viens, revenir reviens, aller va, faire fais, prendre prends, apprendre apprends, être sois, avoir \
     aie, mettre mets, dire dis, lire lis, écrire écris, répondre réponds, attendre attends, rendre rends, \
     descendre descends, sortir sors, partir pars, dormir dors, ouvrir ouvre, finir finis, choisir choisis, \
     réfléchir réfléchis, boire bois, voir vois, tenir tiens, conduire conduis, prévenir préviens, acheter \
     achète, appeler appelle, rappeler rappelle, amener amène, ramener ramène, emmener emmène, jeter jette, \
     envoyer envoie, renvoyer renvoie, payer paie, essayer essaie, nettoyer nettoie, lever lève, enlever enlève, \
     peser pèse, préparer prépare, espérer espère, vendre vends, rejoindre rejoins, suivre suis, récupérer \
     récupère, répéter répète, remettre remets, promener promène, appuyer appuie, éteindre éteins",
);
const QUESTIONS: Words = Words("où quand comment pourquoi combien à quel quelle quels quelles ce");

/// Tells how the message hangs on the command, by the words around the recipient.
pub(super) fn form(command: &[String], marker: &[String], content: &str) -> Option<Form> {
    let verb = command.iter().rev().map(String::as_str).find(|word| !["a", "au", "aux"].contains(word))?;
    let marker: Vec<&str> = marker.iter().map(String::as_str).collect();
    let asks_what = || content.split_whitespace().next().is_some_and(|word| QUESTIONS.contains(&super::lower(word)));
    let tells = verb.starts_with("di")
        || ["annonc", "previen", "prevenez", "inform", "averti", "rassur", "savoir", "repond", "signal", "expliqu"]
            .iter()
            .any(|start| verb.starts_with(start));
    let asks = verb.starts_with("demand");
    match marker.as_slice() {
        ["que" | "qu"] if tells => Some(Form::Tell),
        ["de" | "d"] if tells => Some(Form::TellTo),
        ["si" | "s"] if asks => Some(Form::AskIf),
        ["de" | "d"] if asks => Some(Form::AskTo),
        [] if asks && asks_what() => Some(Form::AskWhat),
        _ => None,
    }
}

pub(super) fn rephrase(mut clause: Clause, form: Form, to: Addressee, others: &Others<'_>) -> Option<String> {
    let third = clause.words.iter().any(|word| is_third(&word.low));
    let unknown = to.gender.is_none() && !to.any && form == Form::Tell;
    if third {
        nobody_else(&clause, others)?;
    }
    if third && is_impersonal(&clause) {
        // Nobody is meant by the first "il"; what else it may mean is not sure.
        return (form == Form::AskIf).then(|| written(&clause.words, " ?"));
    }
    if matches!(form, Form::TellTo | Form::AskTo) {
        possessives(&mut clause);
        return if form == Form::TellTo { order(clause) } else { request(clause) };
    }
    turn(&mut clause)?;
    if !clause.agrees(to) || unknown && clause.subject {
        return None;
    }
    match form {
        Form::Tell => clause.changed.then(|| statement(&clause.words)),
        Form::AskIf => Some(written(&clause.words, " ?")),
        Form::AskWhat => what(&clause),
        Form::TellTo | Form::AskTo => None,
    }
}

fn is_third(low: &str) -> bool {
    matches!(low, "il" | "elle" | "le" | "la" | "l'" | "lui" | "son" | "sa" | "ses" | "se" | "s'")
}

/// Nobody is spoken to, and nobody named but whom "sa sœur" names.
fn nobody_else(clause: &Clause, others: &Others<'_>) -> Option<()> {
    let said = &clause.words;
    let pronouns = said.iter().filter(|word| matches!(word.low.as_str(), "il" | "elle" | "lui" | "son" | "sa" | "ses"));
    let only = pronouns.count() == 1;
    let named = said.iter().enumerate().any(|(at, word)| {
        let own = at == 1 && matches!(clause.low(0), "son" | "sa") && only;
        (PEOPLE.contains(&word.low) || others.is_name(word, at == 0, CAPITALS)) && !own
    });
    let spoken_to = said.iter().any(|word| {
        matches!(word.low.as_str(), "tu" | "te" | "t'" | "ton" | "ta" | "tes" | "toi" | "vous" | "votre" | "vos")
    });
    (!named && !spoken_to).then_some(())
}

/// "il pleut", "il y a", "il est tard", "il fait beau", "il reste du pain".
fn is_impersonal(clause: &Clause) -> bool {
    if clause.low(0) != "il" {
        return false;
    }
    let skipped = |from: usize| (from..clause.words.len()).find(|at| !matches!(clause.low(*at), "ne" | "n'" | "s'"));
    let Some(verb) = skipped(1) else { return true };
    let next = clause.low(verb + 1);
    match clause.low(verb) {
        "y" => matches!(next, "a" | "avait" | "aura" | "aurait"),
        "fait" | "faisait" | "fera" => WEATHER.contains(next),
        "est" | "était" | "sera" | "serait" => {
            OF_TIME.contains(next) || next.starts_with(|first: char| first.is_ascii_digit())
        }
        "reste" | "manque" | "arrive" | "existe" | "restait" | "restera" => {
            matches!(next, "du" | "de" | "d'" | "des" | "un" | "une" | "encore" | "que" | "deux" | "trois" | "quelques")
        }
        low => IMPERSONAL.contains(low),
    }
}

/// "son" becomes "ton".
fn possessives(clause: &mut Clause) {
    for at in 0..clause.words.len() {
        let yours = match clause.low(at) {
            "son" => "ton",
            "sa" => "ta",
            "ses" => "tes",
            _ => continue,
        };
        clause.set(at, yours);
    }
}

/// Turns the third person to the second; `None` where that is not sure.
fn turn(clause: &mut Clause) -> Option<()> {
    let begins_sure = matches!(clause.low(0), "je" | "j'" | "on" | "nous" | "il" | "elle" | "son" | "sa" | "ses");
    let is_question = QUESTIONS.contains(clause.low(0));
    let has_third =
        clause.words.iter().any(|word| matches!(word.low.as_str(), "il" | "elle" | "lui" | "son" | "sa" | "ses"));
    if has_third && !begins_sure && !is_question {
        return None;
    }
    let mut at = 0;
    while at < clause.words.len() {
        match clause.low(at) {
            "il" | "elle" => subject_or_stressed(clause, at)?,
            "lui" => pronoun_lui(clause, at)?,
            "le" | "la" | "l'" => object(clause, at),
            "se" | "s'" if clause.subject => reflexive(clause, at)?,
            _ => {}
        }
        at += 1;
    }
    if begins_sure || is_question {
        possessives(clause);
    }
    Some(())
}

fn subject_or_stressed(clause: &mut Clause, at: usize) -> Option<()> {
    let before = at.checked_sub(1).map_or("", |before| clause.low(before)).to_owned();
    let gender = if clause.low(at) == "il" { Gender::Man } else { Gender::Woman };
    clause.genders.push(gender);
    if gender == Gender::Woman && PREPOSITIONS.contains(&before) {
        clause.set(at, "toi");
        if before == "d'" {
            clause.set(at - 1, "de");
            join_next(clause, at - 1, false);
        }
        return Some(());
    }
    let begins = ["", "que", "qu'", "si", "s'", "quand", "où", "comment", "pourquoi", "combien", "lorsqu'", "puisqu'"];
    // "à quelle heure il arrive"
    let asked = QUESTIONS.contains(clause.low(0)) && at <= 4;
    if !begins.contains(&before.as_str()) && !asked {
        return None;
    }
    let whole = match before.as_str() {
        "qu'" => "que",
        "s'" => "si",
        "lorsqu'" => "lorsque",
        "puisqu'" => "puisque",
        _ => "",
    };
    if !whole.is_empty() {
        clause.set(at - 1, whole);
    }
    let word = clause.words.get_mut(at)?;
    word.joined = false;
    clause.set(at, "tu");
    clause.subject = true;
    let mut verb = at + 1;
    while CLITICS.contains(clause.low(verb)) || matches!(clause.low(verb), "se" | "s'") {
        match clause.low(verb) {
            "se" => clause.set(verb, "te"),
            "s'" => clause.set(verb, "t'"),
            _ => {}
        }
        verb += 1;
    }
    // "il l'a vu": somebody or something else.
    if is_third(clause.low(verb)) && !matches!(clause.low(verb), "l'" | "le" | "la") {
        return None;
    }
    if matches!(clause.low(verb), "l'" | "le" | "la") {
        return None;
    }
    let with_tu = second_person(clause.low(verb))?;
    clause.set(verb, &with_tu);
    Some(())
}

/// "je lui parle", "chez lui", "vais lui parler".
fn pronoun_lui(clause: &mut Clause, at: usize) -> Option<()> {
    let before = at.checked_sub(1).map_or("", |before| clause.low(before)).to_owned();
    let next = clause.low(at + 1).to_owned();
    if PREPOSITIONS.contains(&before) {
        clause.genders.push(Gender::Man);
        clause.set(at, "toi");
        return Some(());
    }
    let has_subject = matches!(before.as_str(), "je" | "on" | "nous" | "ne");
    let is_infinitive = ["er", "ir", "re"].iter().any(|end| next.ends_with(end));
    if next.is_empty() || is_third(&next) || !(has_subject || is_infinitive) {
        return None;
    }
    let elides = begins_with_vowel(&next);
    clause.set(at, if elides { "t'" } else { "te" });
    join_next(clause, at, elides);
    Some(())
}

/// "je l'aime", "passer la voir": who is loved or seen is a person; what else "le" may be is left.
fn object(clause: &mut Clause, at: usize) {
    let before = at.checked_sub(1).map_or("", |before| clause.low(before));
    let has_subject = matches!(before, "je" | "on" | "nous" | "ne" | "n'");
    let next = clause.low(at + 1).to_owned();
    let sure = has_subject && TOWARDS_PEOPLE.contains(&next)
        || has_subject
            && matches!(next.as_str(), "ai" | "a" | "avons")
            && TOWARDS_PEOPLE_PAST.contains(clause.low(at + 2))
        || TOWARDS_PEOPLE_TO.contains(&next);
    if !sure {
        return;
    }
    match clause.low(at) {
        "la" => clause.genders.push(Gender::Woman),
        "le" => clause.genders.push(Gender::Man),
        _ => {}
    }
    let elides = begins_with_vowel(&next);
    clause.set(at, if elides { "t'" } else { "te" });
    join_next(clause, at, elides);
}

/// "tu dois te dépêcher"; a "se" of somebody or something else stays ("comment ça se passe").
fn reflexive(clause: &mut Clause, at: usize) -> Option<()> {
    let before = at.checked_sub(1).map_or("", |before| clause.low(before));
    if matches!(before, "ça" | "cela" | "qui" | "on") {
        return Some(());
    }
    let infinitive = ["er", "ir", "re"].iter().any(|end| clause.low(at + 1).ends_with(end));
    let own = MODALS.contains(before) && infinitive;
    let yours = if clause.low(at) == "se" { "te" } else { "t'" };
    own.then(|| clause.set(at, yours))
}

fn join_next(clause: &mut Clause, at: usize, joined: bool) {
    if let Some(next) = clause.words.get_mut(at + 1) {
        next.joined = joined;
    }
}

fn begins_with_vowel(low: &str) -> bool {
    low.starts_with(|first: char| "aàâeéèêëiîïoôuùûyœæh".contains(first))
}

/// The second person of a verb in the third; `None` where no rule is sure.
fn second_person(low: &str) -> Option<String> {
    if let Some(second) = VERBS.get(low) {
        return Some(second.to_owned());
    }
    let stem_of = |end: &str| low.strip_suffix(end).filter(|stem| stem.chars().count() >= 2);
    if low.ends_with("ait") && low.len() > 4 || low.ends_with("it") && low.len() > 2 {
        return low.strip_suffix('t').map(|stem| format!("{stem}s"));
    }
    if stem_of("ra").is_some() || stem_of("e").is_some() || stem_of("nd").is_some() || stem_of("rd").is_some() {
        return Some(format!("{low}s"));
    }
    None
}

/// "où il est" becomes "Où es-tu ?", "ce qu'il veut" "Qu'est-ce que tu veux ?".
fn what(clause: &Clause) -> Option<String> {
    let subject = clause.words.iter().position(|word| word.low == "tu")?;
    if clause.low(0) == "ce" {
        let mut words = clause.words.get(subject..)?.to_vec();
        words.insert(0, Word::new("Qu'est-ce que"));
        return Some(written(&words, " ?"));
    }
    let mut words = clause.words.clone();
    let verb = (subject + 1..words.len())
        .find(|at| !matches!(clause.low(*at), "me" | "m'" | "te" | "t'" | "nous" | "y" | "en"))?;
    if matches!(clause.low(verb), "ne" | "n'") {
        return None;
    }
    let inverted = format!("{}-tu", words.get(verb)?.text);
    words.get_mut(verb)?.turn_into(&inverted);
    words.remove(subject);
    Some(written(&words, " ?"))
}

/// "m'appeler" becomes "Appelle-moi", "ne pas oublier le pain" "N'oublie pas le pain".
fn order(mut clause: Clause) -> Option<String> {
    let negated = clause.low(0) == "ne" && matches!(clause.low(1), "pas" | "plus" | "jamais");
    let no = negated.then(|| clause.low(1).to_owned());
    if negated {
        clause.words.drain(..2);
    }
    let clitic = match clause.low(0) {
        "m'" | "me" => Some(("me", "moi")),
        "nous" => Some(("nous", "nous")),
        "se" | "s'" => Some(("te", "toi")),
        low if is_third(low) || matches!(low, "y" | "en" | "leur" | "les" | "te" | "t'" | "ne") => return None,
        _ => None,
    };
    if clitic.is_some() {
        clause.words.remove(0);
    }
    if clause.words.iter().any(|word| matches!(word.low.as_str(), "lui" | "elle" | "il")) {
        return None;
    }
    let infinitive = clause.low(0).to_owned();
    let order = ORDERS.get(&infinitive).map(str::to_owned);
    let order =
        order.or_else(|| infinitive.strip_suffix("er").filter(|stem| stem.len() > 1).map(|stem| format!("{stem}e")))?;
    let first = clause.words.first_mut()?;
    first.joined = false;
    let elided = |word: &str, next: &str| match word.strip_suffix('e').filter(|_| begins_with_vowel(next)) {
        Some(short) => format!("{short}'{next}"),
        None => format!("{word} {next}"),
    };
    let said = match (no, clitic) {
        (None, None) => order,
        (None, Some((_, after))) => format!("{order}-{after}"),
        (Some(no), None) => format!("{} {no}", elided("ne", &order)),
        (Some(no), Some((before, _))) => format!("ne {} {no}", elided(before, &order)),
    };
    first.turn_into(&said);
    Some(statement(&clause.words))
}

/// "m'appeler" becomes "Tu peux m'appeler ?".
fn request(mut clause: Clause) -> Option<String> {
    if clause.low(0) == "ne" {
        return order(clause);
    }
    match clause.low(0) {
        "se" => clause.set(0, "te"),
        "s'" => clause.set(0, "t'"),
        _ => {}
    }
    let about_another = clause.words.iter().any(|word| matches!(word.low.as_str(), "lui" | "elle" | "il"));
    (!about_another).then(|| format!("Tu peux {}", written(&clause.words, " ?")))
}
