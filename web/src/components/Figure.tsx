import { type ReactNode, Suspense, useId, useState } from "react";
import { Card } from "./Card";
import { More } from "./More";

interface FigureProps {
  title: string;
  /** What stands beside the title. */
  aside?: ReactNode;
  /** What the picture shows, as a sentence. */
  caption: string;
  /** How high it is, so that its place is kept until it comes. */
  height: number;
  /** The same as a table; made when somebody asks for it. */
  table: () => ReactNode;
  children: ReactNode;
}

/** A picture with its sentence and its table. */
export function Figure({ title, aside, caption, height, table, children }: FigureProps) {
  const id = useId();
  const [asked, setAsked] = useState(false);
  return (
    <Card title={title} aside={aside}>
      <figure aria-labelledby={id} className="flex flex-col gap-4">
        <div style={{ minHeight: height }}>
          <Suspense fallback={null}>{children}</Suspense>
        </div>
        <figcaption id={id} className="max-w-[70ch] text-soft">
          {caption}
        </figcaption>
      </figure>
      <div className="mt-2 -mb-2">
        <More title="As a table" onOpen={() => setAsked(true)}>
          {asked && table()}
        </More>
      </div>
    </Card>
  );
}

interface TwinProps {
  caption: string;
  heads: readonly string[];
  rows: readonly { id: string | number; cells: readonly ReactNode[] }[];
}

/** The numbers of a picture. */
export function Twin({ caption, heads, rows }: TwinProps) {
  return (
    <section
      aria-label={`${caption}, as a table`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      className="max-h-96 overflow-auto"
    >
      <table className="w-full text-left text-sm tabular-nums [&_td]:pr-4 [&_th]:pr-4">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-line border-b text-soft">
            {heads.map((head) => (
              <th key={head} scope="col" className="min-w-20 py-2 align-bottom font-[450]">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, cells: [first, ...cells] }) => (
            <tr key={id} className="border-line border-b last:border-0">
              <th scope="row" className="py-2 font-[450]">
                {first}
              </th>
              {cells.map((cell, index) => (
                <td key={heads[index + 1]} className="py-2">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
