/**
 * Words before whose full stop a sentence goes on, by language. A word in lower case stands for any
 * case, one with a capital for itself and for all capitals; the last full stop is left out.
 */

interface AbbreviationWords {
  /** What follows belongs to it: titles, `z.B.`, `cf.` */
  readonly joins?: string;
  /** As `joins`, but only before a number: `No. 5`. */
  readonly counts?: string;
  /** Ends a sentence or does not: the next word decides (`Inc.`, `a.m.`). */
  readonly either?: string;
  /** Looks like an abbreviation in the midst and yet ends a sentence before a capital: `u.s.w.` */
  readonly ends?: string;
  /** Words that begin sentences and hardly ever names. */
  readonly starters?: string;
}

const LANGUAGES: Readonly<Record<string, AbbreviationWords>> = {
  en: {
    joins:
      'Dr Mr Mrs Ms Mx Messrs Prof Rev Hon Pres Supt Gov Sen Rep Gen Col Maj Capt Cpt Cmdr Lt Sgt Cpl Pvt Adm Insp St Mt Ft Fr vs viz cf e.g i.e approx incl esp',
    counts:
      'no nos vol vols ch chap sec fig figs eq p pp pg art ed op ver v ext tel Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec',
    either:
      'Inc Ltd Corp Co Bros Jr Sr Esq Ave Blvd Rd Dept Univ a.m p.m u.s u.k u.n e.u d.c b.c a.d ph.d m.d b.a m.a',
    ends: 'etc',
    starters:
      'the a an he she it we they you i this that these those there here but and or so then when where why what who how if in on at as for from with after before while his her its our their my your no not yes everyone everybody nobody someone many most some all both each one however meanwhile later today tomorrow yesterday now still also even only just let please',
  },
  de: {
    joins:
      'Hr Hrn Fr Frl Dr Prof Dipl Ing Mag St Str bzw ca evtl ggf inkl exkl vgl sog geb gest bspw z.b d.h u.a i.d.r s.o s.u o.ä v.a z.t i.a m.e zzgl abzgl gegr lt Abt allg mind urspr',
    counts: 'nr nrn bd abs art kap s abb tab tel ziff hg aufl jh jhd',
    either: 'Co AG v.chr n.chr',
    ends: 'usw etc u.s.w u.dgl u.v.m usf',
    starters:
      'der die das ein eine er sie es wir ich ihr du man und aber oder doch denn dann da dort hier jetzt nun heute morgen gestern so wenn als weil ob wie was wer wo warum in im am an auf bei mit nach von vor zu zum zur für aus seine ihre mein meine dein unser kein keine nicht nur auch alle viele manche diese dieser dieses jeder jede danach später trotzdem deshalb bitte ja nein',
  },
  fr: {
    joins: 'M MM Mme Mmes Mlle Mlles Me Mgr Dr Pr Prof St Ste Cie av bd bld c.-à-d p.ex env cf',
    counts: 'art no n° p pp vol t chap fig éd tél',
    either: 'av.j.-c ap.j.-c s.a',
    ends: 'etc',
    starters:
      'le la les un une des il elle ils elles on nous vous je tu ce cet cette ces cela ça mais et ou donc or car puis alors ensuite quand si comme dans en à au aux sur sous avec pour par après avant son sa ses leur leurs mon ma mes notre votre où qui que quoi pourquoi comment oui non tout tous toutes personne chacun',
  },
  es: {
    joins:
      'Sr Sra Srta Sres Sras D Dña Dr Dra Dres Lic Ing Arq Prof Profa Gral Cnel Cap Tte Ud Uds Vd Vds Sto Sta Av Avda EE FF RR p.ej aprox dpto depto',
    counts: 'art núm nro no pág págs p pp vol cap fig tel',
    either: 'UU AA HH ee.uu a.c d.c s.a a.m p.m Cía',
    ends: 'etc',
    starters:
      'el la los las un una unos unas él ella ellos ellas yo tú nosotros ustedes este esta estos estas ese esa eso esto pero y o entonces luego después cuando si como en a al con por para desde hasta sobre su sus mi mis tu no sí qué quién cómo dónde por todo todos nadie alguien hoy ayer mañana ahora también más',
  },
  it: {
    joins:
      'Sig Sigg Sig.ra Sig.na Sig.ri Dott Dott.ssa Dr Prof Prof.ssa Ing Avv Rag Geom Arch Mons p.es ecc.mo spett egr cfr ca c.a',
    counts: 'art n nr pag pagg p pp vol cap fig tel',
    either: 'a.c d.c s.p.a s.r.l',
    ends: 'ecc etc',
    starters:
      'il lo la i gli le un uno una egli lui lei noi voi loro io tu questo questa questi queste quello quella ma e o poi allora quando se come in a al alla con per da dal dalla su sul di del della suo sua mio mia non sì che chi dove perché tutti tutto nessuno oggi ieri domani ora anche dopo',
  },
  pt: {
    joins:
      'Sr Sra Srta Srs Sras D Dr Dra Drs Eng Prof Profa Prof.ª Exmo Exma V.Exa Av Pe p.ex aprox dept',
    counts: 'art n nº núm pág págs p pp vol cap fig tel',
    either: 'a.c d.c s.a ltda Cia',
    ends: 'etc',
    starters:
      'o a os as um uma uns umas ele ela eles elas eu tu nós você vocês este esta isto esse essa isso aquele aquela mas e ou então depois quando se como em no na nos nas com por para de do da seu sua meu minha não sim que quem onde porque todos tudo ninguém hoje ontem amanhã agora também mais',
  },
  pl: {
    joins:
      'dr hab prof inż mgr lek ks bp abp gen płk mjr kpt por ppłk św ul al pl os np tzn tzw m.in tj zob por ds wg płn płd',
    counts: 'nr str s t tom rozdz art ust pkt poz rys tel ryc',
    either: 'r w godz tys mln mld n.e p.n.e ur zm Sp',
    ends: 'itd itp',
    starters:
      'to ten ta te on ona ono oni one ja ty my wy i a ale lecz oraz jednak potem wtedy gdy kiedy jeśli jak w we na z ze do od po przed za dla o u przy nie tak co kto gdzie dlaczego jego jej ich mój moja nasz wszyscy nikt dziś dzisiaj wczoraj jutro teraz także tam tu był była było',
  },
  ru: {
    joins:
      'т.е т.к т.н т.о гр г-н г-жа им ул пр пер пл просп бул наб акад проф доц чл канд д-р св см ср напр тов обл р-н дер пос ст',
    counts: 'стр с гл рис табл п пп ч т том д кв корп оф тел ном',
    either: 'г гг в вв руб коп тыс млн млрд н.э до.н.э м км кг ч мин сек',
    ends: 'т.д т.п др пр',
    starters:
      'он она оно они я ты мы вы это этот эта эти тот та те и а но или однако потом затем тогда когда если как в во на с со из к от по до за для о об при не да нет что кто где почему его её их мой моя наш все всё никто сегодня вчера завтра теперь сейчас также там тут здесь был была было',
  },
  tr: {
    joins: 'Dr Prof Doç Yrd Av Sn Bkz örn Mah Cad Sok Blv Apt Org Alb Yzb Müh Uzm Op Arş Gör',
    counts: 'no s sf tel md cilt',
    either: 'Hz m.ö m.s yy a.ş ltd şti t.c',
    ends: 'vb vs vd',
    starters:
      'bu şu o ben sen biz siz onlar bir ve ama fakat ancak sonra önce şimdi bugün dün yarın eğer nasıl neden niçin ne kim nerede her hiç herkes kimse bunun onun benim çok daha artık belki evet hayır de da',
  },
  hi: {
    joins: 'डॉ डा श्री प्रो पं कु मो स्व ए बी सी डी ई एफ एच जे के एल एम एन ओ पी आर एस टी यू वी',
    counts: 'नं सं पृ',
  },
};

/** What the full stop after a word says; `null` for a word like any other. */
export type AbbreviationKind = 'joins' | 'counts' | 'either' | 'ends' | null;

interface AbbreviationTable {
  readonly kinds: ReadonlyMap<string, Exclude<AbbreviationKind, null>>;
  readonly starters: ReadonlySet<string>;
}

/** Tables of the languages above, English titles in each, and one of all languages for any other. */
const TABLES: ReadonlyMap<string, AbbreviationTable> = new Map(
  Object.entries(LANGUAGES).map(([language, words]) => [
    language,
    tableOf([{ joins: LANGUAGES['en']?.joins ?? '' }, words]),
  ]),
);
const EVERY_LANGUAGE = tableOf(Object.values(LANGUAGES));

/** Looks a word up that stands before a full stop, as written; `language` is a primary subtag such as `de`. */
export function abbreviationKind(word: string, language: string | undefined): AbbreviationKind {
  const { kinds } = tableFor(language);
  const kind = kinds.get(word) ?? kinds.get(word.toLowerCase());
  if (kind !== undefined) return kind;
  const isAllCapitals = word === word.toUpperCase();
  return isAllCapitals ? (kinds.get(titleCase(word)) ?? null) : null;
}

/** Whether a word begins sentences in this language rather than names. */
export function isStarter(word: string, language: string | undefined): boolean {
  return tableFor(language).starters.has(word.toLowerCase());
}

function tableFor(language: string | undefined): AbbreviationTable {
  const table = language === undefined ? undefined : TABLES.get(language);
  return table !== undefined && table.starters.size > 0 ? table : EVERY_LANGUAGE;
}

function tableOf(languages: readonly AbbreviationWords[]): AbbreviationTable {
  const kinds = new Map<string, Exclude<AbbreviationKind, null>>();
  // where languages disagree the later wins: the one that cuts least
  for (const kind of ['ends', 'either', 'counts', 'joins'] as const) {
    for (const words of languages) {
      for (const word of wordsOf(words[kind])) kinds.set(word, kind);
    }
  }
  return {
    kinds,
    starters: new Set(languages.flatMap(({ starters }) => wordsOf(starters))),
  };
}

function wordsOf(list: string | undefined): string[] {
  return list?.split(' ').filter((word) => word !== '') ?? [];
}

function titleCase(word: string): string {
  return word.slice(0, 1) + word.slice(1).toLowerCase();
}
