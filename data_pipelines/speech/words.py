"""Words to learn from: common ones of five languages, and little ones.

None of them is a word of a held-out sentence, but for little ones.
"""

# Of these a sentence has the more, the oftener they stand here.
LITTLE = {
  'en': """
    the the the a a an of of to to in in and and his her my our your was is
    are had has for they we you he she it at by from with on as but so or
    that this not be been""",
  'de': """
    der die das ein eine und und in im zu zum mit von vom ist sind war er sie
    wir ihr sich auf an am den dem des nicht auch noch nur so wie""",
  'fr': """
    le la les un une des de de du et et à au aux en dans sur pour par avec
    est sont était il elle nous vous ils ce cette son sa ses mon ma qui que
    ne pas plus""",
  'es': """
    el la los las un una de de del y y a al en con por para es son era él
    ella se su sus mi tu que no lo le como más muy ya""",
  'it': """
    il lo la i gli le un una di di del della e e a al in nel con per da dal è
    sono era lui lei si suo sua mio che non ci come più ma""",
}
COMMON = {
  'en': """
    able about above across act add afraid after again against age ago agree
    air alive all almost alone along already also although always amber among
    amount ample anchor angle angry animal ankle another answer ant anxious
    any anyone apart appear april arch arm army around arrive arrow art ask
    asleep aunt author autumn avoid awake award axe baby back bad badge bag
    bake balance ball balloon bamboo banana band bang bank bare bark barn
    barrel base basket bath battle beam bean beard beat beautiful became
    because become bed bee beef been beer began begin behave being believe
    bell belong below belt bench bend beneath berry beside best better
    between beyond bicycle bird birth biscuit bite bitter black blade blame
    blanket bleed blend blind blink block blood bloom blow blush board bone
    bonnet border born borrow both bother bottle bottom bowl box brain branch
    brass brave breathe breeze brick bride brief bright brim bring broad
    brook broom brother brush bubble bucket bug build bulb bull bump bundle
    burn bury bus bush business busy butcher butter button buy cab cabin cage
    calf call calm came camera camp can candle cap captain car card care cart
    carve case castle cat catch cause cave ceiling centre chain chair chalk
    chamber chance change chapter charm chase cheap cheek cheer chest chicken
    chief chimney chin choice choose chop circle city claim clap class clay
    clean clear clever cliff climb clock close cloth cloud club coach coal
    coast coat coffee coin cold collar collect colour comb come comfort
    common company complain compose concert copper copy coral corn corner
    cost cotton cough could count country couple courage cousin cover cow
    crab crack cream creep crime crop cross crowd crown crumb crush cry cup
    curious curl curtain curve damp dance danger dare dark daughter dawn day
    dead deaf deal dear debt deep deer defend degree delay demand depend
    depth describe desert desk devil diamond die difference difficult dig
    dinner direct dirty disturb dive divide do doctor dog doll dolphin donkey
    door double doubt dove down dozen dragon draw dream dress drink drive
    drop drown drum dry duck dull dump during dust duty dwarf each eager
    eagle ear early earn earth ease east easy eat echo edge egg eight either
    elbow eleven else empty end enemy engine enough enter equal escape even
    evening ever every evil example except excuse expect explain eye fable
    face fact fade fail faint fair faith fall false fame family famous fan
    far farm fashion fast fat father fault favour fear feast feed feel fence
    fetch fever few field fierce fifteen fight figure fill film final find
    fine finger finish fire firm first fish fit fix flag flame flash flat
    flavour float flock flood floor flour fly foam fog fold follow food
    foolish foot for forbid force foreign forest forget forgive fork form
    fortune forward fountain four fox frame free freedom fresh friday fright
    frog from front frost frozen fruit full fun funny fur future gain game
    garden gate gather gave gentle giant gift ginger girl give glad glass
    globe gloom glove glue go goal goat gold gone goose grab grain grand
    grape grass grave gravel gray great greedy green grew grey grief grip
    ground group grow grumble guard guess guest gum gun habit had hail hair
    half hall ham hammer hand handle hang harbour hard harm harp harvest has
    haste hat hate have hawk hay he head health heap hear heart heat heaven
    hedge height held her herb here hero hid hide high him hit hold hole
    hollow holy honest honey hook hop hope horn horse hospital hot hotel hour
    house how huge human humble hundred hung hungry hunt hurry hurt husband
    hush hut ice idea ill imagine important impossible inch income indeed ink
    inn insect inside instead into iron island ivory jacket jaw jealous jewel
    job join joke journey joy jug juice july jump june jungle junior just
    keen keep kettle key kick kind king kiss kitchen kite knee kneel knew
    knife knight knock knot know label lace ladder lady lake lamb lame land
    lane language large last late laugh law lawn lazy lead leaf leak lean
    leap learn least leather leave left leg lemon lend length less lesson let
    letter level liberty library lick lid lie life lift light like limb limit
    limp line lion lip list listen little live load loaf lobby local lock log
    lonely long loose lose loss lot loud love low luck lumber lump lunch
    machine mad made magic maid mail main make male mammal man manage manner
    marble march mark market marry mask master match mate matter mattress
    maybe meadow meal mean meat medal meet melt member memory men mend mercy
    merry message metal method might mild mile milk mill mind mine minute
    mirror miss mist mistake mix model modern moment monday money monkey
    monster month moon more most moth mount mountain mouse mouth move much
    mud multiply murmur muscle museum mushroom music must mutton mystery nail
    name narrow nasty nation nature naughty navy near nearly neat neck need
    needle neither nephew nerve nest net new news next nice night nine nobody
    noise none noon nor north nose note nothing notice november now number
    nurse nut oak obey object ocean october odd offer office often oh olive
    on once one onion only open opinion orange orchard order organ other
    ought ounce our out outside oven over owe owl own ox oyster pack paddle
    page pain paint pair palace pale palm pan paper parcel pardon parent park
    part partner party pass past paste patch path patient pattern pause pay
    pea peace peak pearl pebble peel pen pencil penny people pepper perfect
    perform perfume permit person phone photo pick picnic picture pig pigeon
    pile pillow pilot pin pinch pine pink pipe pirate pitch pity place plain
    plan plane plant plate play please plenty plough pluck plum plump plunge
    pocket poem poet point poison pole polite pond pony pool poppy port post
    pot potato pound pour powder power praise pray precious prefer prepare
    present press pretty prevent price pride prince print prison prize
    probable problem promise proof proper protect proud prove public pudding
    pull pulse pump pumpkin punish pupil pure push puzzle quality quarrel
    quarter question quick quiet quilt quite rabbit race rail rain raise ran
    rapid rare rat rather raw reach read ready real reason receive red refuse
    regret remain remember remove rent repair repeat reply report rescue rest
    result return reward rhyme rhythm ribbon rice rich ride right ring ripe
    rise river road roar roast rob robin rock rod roll roof room root rope
    rose rough row royal rub rubber rude rug ruin rule run rush rust sad
    saddle safe sail salad salmon salt same sample sand sang sat saturday
    sauce save scarf scene school science scissors scold score scream sea
    search season seat second secret see seed seem seldom sell send sense
    serve seven several sew shade shadow shake shall shallow shame shape
    share sharp shave shawl she shelf shell shelter shepherd shine shoe shoot
    shop shore short shoulder shout shove shower shrimp shrub shut shy sick
    side sigh sign silence silk silly silver simple since sing sister sit six
    size skill skin skirt sky sleep sleeve slice slide slim slip slope slow
    smart smell smile smoke smooth snail snake snow so soap soft soil soldier
    solve someone son song soon sore sorrow sorry sort sound soup sour south
    space spade spare spark speak speech speed spell spend spice spider spin
    splash spoil spoon sport spot spread spring square squeeze squirrel
    stable stage stair stand star start station stay steam steel steep stem
    step stick stiff still sting stir stomach stone stool stop store storm
    story stove straight strange straw stream street strength stretch strike
    string strip strong student study stuff stumble stump subject such sudden
    sugar suit sum summer summit sun sunday supper supply support suppose
    surface surprise swallow swamp swan sweep sweet swift swim swing sword
    symbol sympathy table tail take tale talk tame tap tape task taste tax
    tea teach team tear tease teeth tell temper temple ten tender tent than
    thank thaw theatre their them then there therefore thick thief thing
    third thirst thirteen thorn those though thousand thread threat three
    throat throne through thumb thunder thursday ticket tide tidy tie tiger
    tight timber time tin tiny tip tired title to toast tobacco today toe
    together tomato tomb tomorrow tongue tonight too tooth torch torn total
    touch tough toward towel tower town toy trade train tramp trap travel
    treasure treat tree tremble triangle trick trip triumph trouble trousers
    truck true trumpet trunk trust truth try tube tuesday tulip tumble tune
    tunnel turkey turn twelve twenty twice twin twist ugly umbrella
    understand unless until up upon upper upset upstairs urge use useful
    usual vain valley value van vapour various veil velvet verb very vessel
    view village vine violin visit voice volume vote voyage wage wagon waist
    wait walk wall walnut want war warn wash wasp waste water wave wax way we
    weak wealth weapon wear weather weave wedding week weep weigh welcome
    well went were west wet whale what wheat wheel when where whether which
    whip whisper whistle white whole whom whose wide wife wild will willow
    win wind window wine wing winter wipe wire wise wish wit with within
    without wolf wonder wood wool word work world worm worry worse worth
    would wound wrist write wrong yard yawn year yell yesterday yet yield
    yolk your youth zebra zero zigzag""",
  'de': """
    aber Abend acht Ahnung alle alles Ameise Amt anders Angst Antwort Arbeit
    Arm Arzt Auge August aus Auto Bach Bad bald Band Bank Baum bauen beginnen
    Bein Beispiel bekannt beliebt bequem Besen besser Bett bewegen bezahlen
    Biene Bier Birne bis bitte blass blau bleiben Blick Blitz böse brauchen
    braun breit brennen Brief Brille Brot Brücke Bruder Brunnen Buch Bühne
    Butter Dach damals Dampf danken dann dein denken deutlich dick Dieb Ding
    Donner Dorf dort drehen drei dumm dunkel dünn durch Durst Ecke Ei eigen
    einfach Eis Eltern Ende eng Ente Erde erklären Esel essen Fabrik fahren
    fallen falsch Familie fangen Farbe Fass faul Feder Feld Fenster fertig
    Feuer finden Finger Fisch Flasche Fleisch fliegen Fluss Frage frei fremd
    Freude früh fühlen füllen Fuß Gabel ganz Garten geben gefährlich gehen
    Geld gemein Gemüse genug gern gesund Glas glauben gleich Glück Gold
    Graben Gras groß Gummi Haar haben Hals Hand Haus Hemd Herbst Herz Himmel
    hinter Hof hoffen Holz hören Hose Hund Hunger Hut immer Insel jeder
    jemand jung Käse Kamm Kampf Kamin kaputt Karte Katze Kaufmann Keller
    kennen Kind Kirche Kissen klar Kleid klopfen klug Koffer kommen König
    Kopf Korb krank Kuchen Küche Kuh kühl kurz Lampe Land lang langsam laufen
    laut leben leer legen Lehrer leicht Leiter lernen Licht Liebe links
    Löffel Löwe Luft lustig Mai manchmal Mantel Markt März Maus Meer Mehl
    Mensch Messer Milch Minute Mittag Möbel Monat Mond Mücke müde Mühle Mund
    Musik mutig Nachmittag Nacht nah Name Nase nass Nebel nehmen neu neun nie
    niemals Norden Nuss oben Ofen offen oft Ohr Onkel Papier Park Pfanne
    Pfeffer Pferd Pflaume Pilz Platz plötzlich Post prima Pullover Pumpe
    Puppe pünktlich putzen Quelle rasch Rauch Raum rechts reden reich Reise
    rennen Ring Rock rot rufen ruhig rund Sache sagen Salz sammeln Sand Schaf
    Schiff Schirm schlafen Schlange schlimm Schloss schmal Schnee schnell
    Schule Schwester schwimmen sechs See sehen Seife sieben singen Sohn Sonne
    spät Spiegel spielen Sprache springen Stadt stark Staub stehen Stein
    Stern still Stimme Straße Strumpf Stück Stuhl Stunde suchen süß Tag
    Tasche Tasse teuer Tier Tisch Tochter Topf tragen Traum traurig treffen
    Treppe trinken trocken Tür Turm üben überall Uhr umsonst unten Vater
    Vogel voll vorne Wagen wahr Wald Wand warten Wasser Weg weich weil Wein
    weit Welt wenig werfen Wetter wichtig Wiese Winter wissen Woche wohnen
    Wolke Wort Wunder Wurm Wurst Zahn zehn zeigen Zeit Zimmer Zitrone zuerst
    Zucker Zug zusammen zwei Zwiebel zwölf""",
  'fr': """
    abeille absent accord acteur adieu affaire agneau aider aigle ailleurs
    aimer air ajouter allumer ami ampoule ancien animal année août appel
    appétit apprendre après arbre argent armoire arrêter arriver artiste
    assez assiette attendre aucun aujourd’hui aussi automne autre avancer
    avec avion avocat avril bague baignoire balle ballon bambou banane banc
    barbe barrage bas bataille bâtir beaucoup bébé besoin bête beurre bien
    bientôt bière blanc blé blessé boire bois boîte bon bonbon bonheur
    bonjour bouche bouger bougie bout bouteille bouton branche bras brillant
    brouillard bruit brûler brun bureau but cabane cacher cadeau café calme
    camarade camion campagne canard carotte casser cause célèbre cent cerise
    certain chaise chambre champ champignon chanson chapeau chaque charbon
    chasse chat château chaussure chemin chemise cher cheval cheveu chien
    chocolat choisir chose chou ciel ciseaux citron clair clef cloche clou
    cochon cœur coin colère combien comme commencer compter content copain
    coq corde corps côté couleur couper courage courir court cousin couteau
    couvert crayon croire cuiller cuisine curieux dame danger danse debout
    déjà demain demander dent depuis dernier derrière désert dessin deux
    devant devenir dimanche dire doigt donner dormir doux drapeau droit dur
    eau école écouter écrire effort église éléphant élève encore enfant
    ensemble ensuite entendre entrer envie épaule escalier espoir étage été
    étoile étrange facile faible faim famille farine fatigué fauteuil faux
    fenêtre fer ferme fête feu feuille fille film fils fin finir forêt fort
    fou foule fourmi frais fraise frapper frère froid fromage front fruit
    fumée fusil gagner gai garder gare gâteau gauche genou gens gentil glace
    gomme gorge goût goutte grave gris groupe guerre habit haut herbe heure
    hibou hiver homme honte huile huit île image impossible jambe janvier
    jardin jaune jeu jeudi joie joli jouer jour journal juge jupe jusque lac
    laine laisser lait langue lapin large larme lent lettre libre lieu ligne
    lion lire lit loin long loup lourd lumière lundi lune maigre main maison
    malade malheur maman manger manteau marché mari matin mauvais médecin
    meilleur même mensonge mentir merci message métal midi miel mieux mille
    minute miroir moins mois monde monter montrer moquer mort mot mouche
    mouchoir moulin mourir mouton mouvement moyen mur musique nager neige nez
    noir nom nombre non nouveau nuage nuit obéir œil œuf oiseau ombre or
    orage oreille ouvrir page paille papa papier paquet parapluie pareil
    parfum parler partir pas passer patte pauvre payer pays peau peigne peine
    pendant penser perdre père permettre petit peu peuple peur phrase pied
    pierre pigeon plage plaisir planche plat plein pleurer plier plomb plume
    plus poche poème poire poisson poivre poli pomme pompier porte poser
    possible poule pousser pouvoir prairie prendre près presque preuve prince
    printemps prix problème prochain profond promener propre puis quatre
    question queue rapide raison recevoir regarder remplir repas répondre
    rester rêve riche rien rire rivière robe roi rond rose roue rouge route
    rue sable sac sage saison salade salle samedi sang savoir savon seau
    semaine sept serpent seul siège simple singe six sœur soif soir soldat
    soleil sombre sommeil sortir soupe sourire souris souvent sucre suivre
    sur table tableau tapis tard tasse temps terre tête thé tigre timbre
    tirer toit tomber tonnerre toujours tour tout train travail trois trop
    trou trouver vache vague valise vase vélo vendre vent ventre vérité verre
    vert veste viande vide vie ville vin vingt visage vite vivre voir voiture
    voix voler vouloir voyage vrai""",
  'es': """
    abajo abeja abril abuelo aceite agosto agua águila ahora aire alegre
    alfombra algo algodón alguien alma almendra alto amable amarillo ambos
    amigo amor ancho andar animal año apagar aprender aquí árbol arena
    armario arriba arroz así aunque avión ayudar azúcar bailar bajar balcón
    bandera baño barato barba barrio bastante basura batalla beber beso bien
    bigote boca boda bolsa bombero bonito bosque bota botella brazo brillar
    broma bueno buscar caballo cabeza cabra cada caer café caja calle calor
    cama cambiar camino camión camisa campana campo canción cansado cantar
    cara carbón carne carta casa castillo catorce cebolla cerca cerdo cerveza
    chico cielo ciencia cinta ciudad claro clavo cobre cocina coger color
    comer comida cómodo compañero comprar común conejo contar corazón correr
    cortar corto cosa crecer creer cruz cuaderno cuadro cuando cuarto cuchara
    cuello cuento cuerpo cueva culpa dar deber decir dedo dejar delgado
    dentro derecho desde despacio después día diez difícil dinero dormir dos
    dulce durante duro edad ejemplo empezar empujar encima enfermo enorme
    entonces entrar escribir escuela esperar espejo esposa estrella fácil
    falda familia famoso feliz feo fiesta flaco flor fondo frente frío fruta
    fuego fuente fuera fuerte gallina ganar gato gente gigante golpe gordo
    gris gritar guante guapo guerra hablar hacer hambre harina hasta hermano
    hermoso hielo hierba hierro hijo hoja hombre hombro hora hormiga hoy
    hueso huevo humano humo igual imposible invierno isla izquierda jabón
    jamás jardín jueves jugar julio junio juntos labio lado ladrillo lago
    lágrima lana largo lavar leche leer lejos lengua lento león letra libre
    limón limpio línea llave llegar lleno llorar lluvia lobo loco lugar luna
    lunes luz madera maestro malo mano manzana mañana mar marido mariposa
    martes mayo medio mejor memoria menos mentira mercado mes mesa metal
    miedo miel mientras milagro minuto mirar mismo mitad momento moneda mono
    morir mover mucho mueble muerte mundo muñeca muro música nadar naranja
    nariz nieve noche nombre norte nosotros nube nuevo número nunca obra ocho
    oído ojo olla olvidar once opinión oreja oro oscuro oso otoño otro oveja
    padre pagar página pájaro palabra palo paloma pan pantalón papel pared
    parque parte pasar paso pastel pata patata paz pecho pedir pelo pensar
    pequeño pera perder perfume perro persona pesado pescado pez pie piedra
    piel pierna pimienta piso plata plato pluma pobre poco poder poema pollo
    polvo poner por posible pregunta primavera primero primo prisa problema
    pronto puerta puro queso quien quince quizás rabia rama rana rápido raro
    ratón razón recoger regalo reina reír reloj repetir rey rico río risa
    rojo romper ropa rosa rubio rueda ruido sábado saber sacar sal salir
    saltar sangre sano seco seguir semana sembrar sentir siempre siglo silla
    simple sol soldado sombra sombrero sonreír sopa sordo subir sucio sueño
    suerte tamaño también tambor tarde taza té techo temprano tener tiempo
    tienda tierra tigre tío todo tomar tonto tormenta torre trabajo traer
    tren tres triste trueno tumba último único uno uva vaca vacío valle vaso
    vecino vejez vela vender venir ventana verano verdad verde vestido viaje
    vida viento viernes vino vivir volar volver voz zapato zorro""",
  'it': """
    abbastanza abito acqua adesso agosto albero alcuni allegro allora alto
    altro ambiente amico amore anatra anche ancora andare angelo animale anno
    ape aprile aprire aria arma arrivare arte asino aspettare autunno avere
    bacio badare bagno ballare bambola banca bandiera barba basso bastone
    battere bello bene bere bestia bianco bicchiere bisogno bocca bosco
    bottiglia bottone braccio bravo brodo bruno brutto buco buio buono burro
    cadere caffè calcio caldo calma calza cambiare camera camicia camminare
    campagna campana campo cane cantare capello capire capo cappello capra
    carbone carne caro carta casa castello cattivo cavallo cena cento cercare
    certo chiave chiedere chiesa chiudere cibo cielo ciliegia cintura cipolla
    città coda collo colore colpa coltello comune comodo compagno comprare
    con coniglio contare contento coperta coraggio corda correre corto cosa
    così credere crescere croce cubo cucchiaio cucina cugino cuore dare
    debole dente dentro desiderio destra dieci difficile dire dito dolce
    domani domanda dopo dormire dove dubbio due duro ecco elefante erba
    errore esempio estate età fabbrica faccia facile falso fame famiglia
    fango farfalla farina favola febbre felice femmina ferro festa fiamma
    fianco figlio filo fine finestra fiore fiume foglia fondo forbici
    forchetta formaggio forno forse forte fragola frate fratello freddo
    fresco fretta fronte frutta fumo fungo fuoco gallo gamba gatto gelato
    gente gesto ghiaccio giacca giallo giardino ginocchio giocare giorno
    girare giugno giusto goccia gomma gonna grande grasso gridare grigio
    gruppo guancia guardare guerra gusto idea ieri imparare imparo
    impossibile insieme inverno isola labbro lacrima ladro lago lampo lana
    largo lasciare latte lavare lavoro legge leggere legno lento leone
    lettera letto libero limone lingua lontano luce luglio lume luna lungo
    lupo macchina maestro maggio magro mai malato male mamma mano mantello
    mare marito martello marzo mattina medico meglio mela memoria meno mente
    mese mestiere metà mettere mezzo miele mille minuto mobile moda moglie
    molle momento mondo moneta montare morbido morire morte mosca mostrare
    mucca mulino muovere muro musica nascere naso natura nave nebbia nemico
    neve nido niente nipote nobile noce nome nono notte nove nube nulla
    numero nuotare nuovo occhio odore oggi ogni olio ombra ombrello onda ora
    orecchio oro orologio orso ospite osso ottobre otto padre paese pagare
    paglia palla palazzo pane panca pantaloni papà parlare parola parte
    passare passo pasta patata paura pazzo pecora pelle pensare pentola pepe
    per perché perdere persona pesante pesce piacere piangere piano piatto
    piazza piccolo piede pieno pietra pigro pioggia piombo piuma più poco
    poema poi pollo polvere pomodoro popolo porta posare posto potere povero
    pranzo prato prendere presto prezzo prima primavera principe problema
    profondo promessa pronto proprio prova pulito punto pure quadro quando
    quanto quasi quattro quello questo quindi raccontare radice ragazzo
    ragione ramo rana regalo regina ridere riempire riso rispondere ritorno
    rompere rosa rosso rotondo ruota sabbia sacco sale salire saltare salute
    sangue sapere sapone sasso scala scarpa scatola scegliere scemo schiena
    scrivere scuola secchio secolo sedia sempre sentire sera sereno sete
    settimana sicuro signore silenzio simile simpatico sinistra sogno soldato
    sole solo sonno sopra sorella sorriso spada spalla specchio speranza
    spesso spiaggia spingere sporco stagione stanco stanza stella stesso
    storia strada stretto studio subito suono sveglia tacere tamburo tana
    tanto tappeto tardi tasca tavola tazza tempo tenda tenere terra testa
    tetto tigre timido tirare topo torre torta tosse tranquillo tre treno
    triste troppo tuono tutto uccello ultimo umano unghia uomo uovo uscire
    uva vaso vecchia vela veloce vendere venire vento verde verità vestito
    viaggio vicino vino viso vita vivere voce volere volpe volta vuoto zampa
    zia zio zoppo zucchero zuppa""",
}
