// Un petit réseau écrit à la manière de TensorFlow Playground : un objet par neurone, un objet par
// fil, un exemple à la fois. En avant par neurone, en arrière par fil, mise à jour accumulée par lot.
// La pente de l'activation se recalcule à partir de la somme, comme là-bas.
// Sert de point de comparaison à vitesse_reseau.py, qui le lance ; il n'apprend rien à personne.
//
//     node moteur_objets.js 2,4,1 32 0.2      exemples par seconde, pendant 0,2 s, par lots de 32

"use strict";

class Neurone {
  constructor() {
    this.entrants = [];
    this.sortants = [];
    this.biais = 0.1;
    this.somme = 0;
    this.sortie = 0;
    this.reproche = 0; // à la sortie du neurone
    this.pente = 0; // à son entrée
    this.cumul = 0;
    this.vus = 0;
  }

  avance() {
    this.somme = this.biais;
    for (let i = 0; i < this.entrants.length; i++) {
      const fil = this.entrants[i];
      this.somme += fil.poids * fil.depart.sortie;
    }
    this.sortie = Math.tanh(this.somme);
  }
}

class Fil {
  constructor(depart, arrivee) {
    this.depart = depart;
    this.arrivee = arrivee;
    this.poids = Math.random() - 0.5;
    this.cumul = 0;
    this.vus = 0;
  }
}

function penteDeTanh(somme) {
  const sortie = Math.tanh(somme);
  return 1 - sortie * sortie;
}

function construit(tailles) {
  const couches = tailles.map((n) => Array.from({ length: n }, () => new Neurone()));
  for (let c = 1; c < couches.length; c++) {
    for (const arrivee of couches[c]) {
      for (const depart of couches[c - 1]) {
        const fil = new Fil(depart, arrivee);
        depart.sortants.push(fil);
        arrivee.entrants.push(fil);
      }
    }
  }
  return couches;
}

function enAvant(couches, exemple) {
  for (let i = 0; i < exemple.length; i++) couches[0][i].sortie = exemple[i];
  for (let c = 1; c < couches.length; c++) {
    for (let i = 0; i < couches[c].length; i++) couches[c][i].avance();
  }
}

function enArriere(couches, cible) {
  const derniere = couches[couches.length - 1];
  derniere[0].reproche = 2 * (derniere[0].sortie - cible);
  for (let c = couches.length - 1; c > 0; c--) {
    const couche = couches[c];
    for (let i = 0; i < couche.length; i++) {
      const neurone = couche[i];
      neurone.pente = neurone.reproche * penteDeTanh(neurone.somme);
      neurone.cumul += neurone.pente;
      neurone.vus++;
      for (let j = 0; j < neurone.entrants.length; j++) {
        const fil = neurone.entrants[j];
        fil.cumul += neurone.pente * fil.depart.sortie;
        fil.vus++;
      }
    }
    if (c === 1) continue;
    for (let i = 0; i < couches[c - 1].length; i++) {
      const neurone = couches[c - 1][i];
      neurone.reproche = 0;
      for (let j = 0; j < neurone.sortants.length; j++) {
        const fil = neurone.sortants[j];
        neurone.reproche += fil.poids * fil.arrivee.pente;
      }
    }
  }
}

function tourne(couches, taux) {
  for (let c = 1; c < couches.length; c++) {
    for (let i = 0; i < couches[c].length; i++) {
      const neurone = couches[c][i];
      if (neurone.vus > 0) neurone.biais -= (taux * neurone.cumul) / neurone.vus;
      neurone.cumul = 0;
      neurone.vus = 0;
      for (let j = 0; j < neurone.entrants.length; j++) {
        const fil = neurone.entrants[j];
        if (fil.vus > 0) fil.poids -= (taux * fil.cumul) / fil.vus;
        fil.cumul = 0;
        fil.vus = 0;
      }
    }
  }
}

const tailles = process.argv[2].split(",").map(Number);
const lot = Number(process.argv[3]);
const duree = 1000 * Number(process.argv[4]);

const exemples = [];
const cibles = [];
for (let i = 0; i < 500; i++) {
  const rayon = i % 2 ? 0.45 * Math.random() : 0.62 + 0.38 * Math.random();
  const angle = 2 * Math.PI * Math.random();
  exemples.push([rayon * Math.cos(angle), rayon * Math.sin(angle)]);
  cibles.push(i % 2 ? 1 : -1);
}

const couches = construit(tailles);
const derniere = couches[couches.length - 1][0];
let vus = 0;

function tour() {
  for (let i = 0; i < 500; i++) {
    enAvant(couches, exemples[i]);
    enArriere(couches, cibles[i]);
    if (++vus % lot === 0) tourne(couches, 0.03);
  }
}

// Chauffe le compilateur de Node, puis garde la meilleure de courtes fenêtres.
const chauffe = performance.now() + Math.min(duree, 200);
while (performance.now() < chauffe) tour();
let meilleure = 0;
const fin = performance.now() + duree;
while (performance.now() < fin) {
  const debut = performance.now();
  let faits = 0;
  while (performance.now() - debut < 5) {
    tour();
    faits += 500;
  }
  meilleure = Math.max(meilleure, (1000 * faits) / (performance.now() - debut));
}

// Un moteur qui n'apprend pas ne vaut rien comme étalon : on dit aussi ce qu'il a raté.
let rates = 0;
for (let i = 0; i < 500; i++) {
  enAvant(couches, exemples[i]);
  if (derniere.sortie * cibles[i] <= 0) rates++;
}
console.log(JSON.stringify({ vitesse: meilleure, rates: rates / 500 }));
