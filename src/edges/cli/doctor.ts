/** `argosy doctor`: looks at everything an installation rests on, and says what to do about what is wrong. */
import type { Finding, Inspection } from '#core/inspection.ts';
import type { Clock } from '#core/ports.ts';
import { type CliCommand, speaker } from './command.ts';
import { withProgress } from './progress.ts';
import { tableOf } from './table.ts';

/** An inspection that takes longer has failed. */
export const PATIENCE_MS = 15_000;

const MARKS = { ok: '✓', warn: '!', fail: '✗' } as const;

export const doctor: CliCommand = {
  usage: 'doctor',
  summary: { en: 'look at everything this installation rests on; says what to do', ru: 'проверить, на чём держится установка; подсказать, что делать' },
  run: async (operator) => {
    const say = speaker(operator);
    const { language, terminal } = operator;
    const inspections = operator.inspections();
    const findings = await withProgress(terminal, say('Looking around', 'Осмотр'), async (report) => {
      const found: { readonly name: string; readonly finding: Finding }[] = [];
      for (const inspection of inspections) {
        const name = inspection.name[language];
        report(found.length / inspections.length, name);
        found.push({ name, finding: await look(inspection, operator.clock) });
      }
      return found;
    });
    terminal.print(
      tableOf(
        ['', say('what', 'что'), say('how it is', 'как')],
        findings.map(({ name, finding }) => [MARKS[finding.status], name, finding.says[language]]),
        terminal.isInteractive,
      ),
    );
    for (const { name, finding } of findings)
      if (finding.remedy !== undefined) terminal.print(`\n${MARKS[finding.status]} ${name}: ${finding.remedy[language]}`);
    const failed = findings.filter(({ finding }) => finding.status === 'fail').length;
    terminal.print(
      failed === 0
        ? say('\nNothing is broken.', '\nНичего не сломано.')
        : say(`\n${failed} of ${findings.length} failed.`, `\nНе в порядке: ${failed} из ${findings.length}.`),
    );
    return failed === 0 ? 0 : 1;
  },
};

function look(inspection: Inspection, clock: Clock): Promise<Finding> {
  return new Promise((resolve) => {
    const callOff = clock.after(PATIENCE_MS, () =>
      resolve({ status: 'fail', says: { en: `no answer within ${PATIENCE_MS / 1000} s`, ru: `нет ответа за ${PATIENCE_MS / 1000} с` } }),
    );
    inspection
      .look()
      .catch((error: unknown): Finding => {
        const message = error instanceof Error ? error.message : String(error);
        return { status: 'fail', says: { en: message, ru: message } };
      })
      .then((finding) => {
        callOff();
        resolve(finding);
      });
  });
}
