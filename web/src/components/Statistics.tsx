import { useState } from "react";
import type { Results } from "../api/results";
import { ArmStatistics } from "./ArmStatistics";
import { ComparisonStatistics } from "./ComparisonStatistics";
import { More } from "./More";
import { OtherStatistics } from "./OtherStatistics";
import { WholeStatistics } from "./WholeStatistics";

/** The numbers of the trade, each beside its plain name; made when somebody asks for them. */
export function Statistics({ results }: { results: Results }) {
  const [asked, setAsked] = useState(false);
  const name = (key: string) => results.arms.find((arm) => arm.key === key)?.name ?? key;
  return (
    <div className="rounded-card border border-line bg-card px-4 py-2 sm:px-6">
      <More title="For statisticians" onOpen={() => setAsked(true)}>
        {asked && (
          <div className="flex flex-col gap-6">
            <p className="max-w-[70ch] text-sm text-soft">
              The decision rests on the evidence and on the calibrated numbers. The classical tests promise
              something for one look only, at a number of visitors fixed beforehand; they stand here for
              comparison with other tools.
            </p>
            <ArmStatistics arms={results.arms} />
            <ComparisonStatistics comparisons={results.comparisons} name={name} />
            <WholeStatistics results={results} />
            <OtherStatistics results={results} name={name} />
          </div>
        )}
      </More>
    </div>
  );
}
