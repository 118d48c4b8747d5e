/** The page of the language of scenarios, from the tables that the language is read with. */
import { EXPECTATION_ROWS, SCENARIO_INTRODUCTION, STATEMENT_ROWS } from '../cli/simulate-text.js';
import { example, mixed, type Page, prose, terms } from './mdoc.js';

const rows = (list: readonly { readonly pattern: string; readonly sentence: string }[]): string[] =>
  terms(list.map(({ pattern, sentence }) => ({ term: mixed('It', ['Li', pattern]), text: prose(sentence) })));

/** heartbeat-scenario(5): what `heartbeat simulate` plays. */
export function scenarioPage(): Page {
  return {
    name: 'heartbeat-scenario',
    section: 5,
    summary: 'what heartbeat simulate plays on virtual nodes',
    description: [
      ...prose(
        'A text file that says what happens to a cluster, and when, and what is expected of it. The command "heartbeat simulate" plays it on virtual nodes that have the files of the real ones. Nothing real is touched.',
      ),
      ...example(...SCENARIO_INTRODUCTION.split('\n')),
    ],
    sections: [
      { title: 'WHAT HAPPENS', lines: rows(STATEMENT_ROWS) },
      {
        title: 'WHAT IS EXPECTED',
        lines: [...prose('Behind the word "expect":'), ...rows(EXPECTATION_ROWS)],
      },
      {
        title: 'EXAMPLES',
        lines: example(
          'start all',
          'at 30s expect web on node1',
          'at 40s power-off node1 for 60s',
          'expect web on node2 within 11s',
          'at 160s expect never two owners',
        ),
      },
    ],
    seeAlso: [
      ['ha.cf', 5],
      ['haresources', 5],
      ['heartbeat', 8],
    ],
  };
}
