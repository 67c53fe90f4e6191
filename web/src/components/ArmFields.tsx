import { Plus, X } from "lucide-react";
import { useRef } from "react";
import { armKeys, type DraftArm, type Faults, FEWEST_ARMS, MOST_ARMS, newArm } from "../lib/draft";
import { Button } from "./Button";
import { Field } from "./Field";
import { More } from "./More";
import { TextField } from "./TextField";

interface ArmFieldsProps {
  arms: readonly DraftArm[];
  faults: Faults;
  onChange: (arms: DraftArm[]) => void;
}

/** What visitors may get: two to ten arms, the first of them what there is now. */
export function ArmFields({ arms, faults, onChange }: ArmFieldsProps) {
  const list = useRef<HTMLOListElement>(null);
  const added = useRef<number>(null);
  const keys = armKeys(arms);

  const change = (id: number, part: Partial<DraftArm>) =>
    onChange(arms.map((arm) => (arm.id === id ? { ...arm, ...part } : arm)));
  const add = () => {
    const arm = newArm(arms.map(({ id }) => id));
    added.current = arm.id;
    onChange([...arms, arm]);
  };
  const remove = (place: number) => {
    onChange(arms.filter((_, index) => index !== place));
    // Whoever goes by keyboard goes on at the arm before.
    list.current?.querySelector<HTMLInputElement>(`[name="arms[${place - 1}].name"]`)?.focus();
  };

  return (
    <fieldset className="flex flex-col gap-4">
      <legend className="mb-3 font-semibold">What visitors get</legend>
      <ol ref={list} className="flex flex-col gap-4">
        {arms.map((arm, index) => (
          <li key={arm.id} className="flex flex-col gap-1">
            <div className="flex items-end gap-2">
              <div className="grow">
                <Field
                  label={index === 0 ? "As it is now (the control)" : `Arm ${index + 1}`}
                  name={`arms[${index}].name`}
                  placeholder={index === 1 ? "Bold headline" : undefined}
                  maxLength={200}
                  value={arm.name}
                  fault={faults[`arms[${index}].name`]}
                  onChange={(event) => change(arm.id, { name: event.target.value })}
                  ref={(input) => {
                    if (input === null || added.current !== arm.id) return;
                    added.current = null;
                    input.focus();
                  }}
                />
              </div>
              {index > 0 && arms.length > FEWEST_ARMS && (
                <Button aria-label={`Remove arm ${index + 1}`} className="px-3" onClick={() => remove(index)}>
                  <X aria-hidden size={18} />
                </Button>
              )}
            </div>
            <More
              title="Key and payload"
              open={[`arms[${index}].key`, `arms[${index}].payload`].some((place) => place in faults)}
            >
              <Field
                label={`Key of ${index === 0 ? "the control" : `arm ${index + 1}`}`}
                name={`arms[${index}].key`}
                help="What your site's code calls it. Left empty, it follows from the name."
                placeholder={keys[index]}
                maxLength={64}
                autoCapitalize="none"
                spellCheck={false}
                value={arm.key}
                fault={faults[`arms[${index}].key`]}
                onChange={(event) => change(arm.id, { key: event.target.value })}
              />
              <TextField
                label={`Payload of ${index === 0 ? "the control" : `arm ${index + 1}`}`}
                name={`arms[${index}].payload`}
                help="Any JSON that your site gets with the arm, such as a headline or a price. May stay empty."
                placeholder='{"headline": "Ship tonight"}'
                value={arm.payload}
                fault={faults[`arms[${index}].payload`]}
                onChange={(event) => change(arm.id, { payload: event.target.value })}
              />
            </More>
          </li>
        ))}
      </ol>
      {faults.arms !== undefined && <p className="text-sm text-harm">{faults.arms}</p>}
      {arms.length < MOST_ARMS && (
        <div>
          <Button onClick={add}>
            <Plus aria-hidden size={18} />
            Add an arm
          </Button>
        </div>
      )}
    </fieldset>
  );
}
