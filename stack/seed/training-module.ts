/** The seeded training: what disclosure means, which link counts, what a refund does. `correct` names the right option. */
export const SEEDED_TRAINING = {
  title: 'Before you go live',
  body: 'Mark every recommendation as advertising. Use your own link, so that a sale can be credited to you. Do not promise what the product does not do.',
  passMark: 80,
  questions: [
    {
      id: 'disclosure',
      text: 'Where does the word “advertisement” belong?',
      options: [
        { id: 'start', text: 'At the start, where everybody sees it' },
        { id: 'end', text: 'At the end, in small print' },
        { id: 'nowhere', text: 'Nowhere, if I like the product' },
      ],
      correct: 'start',
    },
    {
      id: 'link',
      text: 'Which link do you publish?',
      options: [
        { id: 'own', text: 'The one made for me' },
        { id: 'home', text: 'The advertiser’s home page' },
        { id: 'other', text: 'Another partner’s link' },
      ],
      correct: 'own',
    },
    {
      id: 'refund',
      text: 'A customer returns what they bought. What happens to your commission?',
      options: [
        { id: 'kept', text: 'It stays' },
        { id: 'returned', text: 'The part that was earned on it is taken back' },
        { id: 'doubled', text: 'It is paid twice' },
      ],
      correct: 'returned',
    },
  ],
};
