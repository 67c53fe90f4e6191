import type { Elements, ElementVariant } from "../api/results";
import { reachOf, readVariant, restSentence, shareSentence } from "../lib/elements";
import { unbroken } from "../lib/numbers";

/** Each element by itself: how far each of its variants lies from its control, averaged over the other elements. */
export function ElementEffects({ found }: { found: Elements }) {
  const reach = reachOf(found);
  return (
    <div className="flex flex-col gap-6">
      <p className="max-w-[70ch] text-sm text-soft">
        What follows is averaged over the other elements: the change in conversions that a variant makes with
        whatever it is combined. The bar is where that lies with 95 % probability, the line across it where
        nothing changes.
      </p>
      {found.elements.map((element) => {
        const control = element.variants.find((variant) => variant.is_control)?.name ?? "the control";
        return (
          <div key={element.key}>
            <h3>{element.name}</h3>
            <p className="text-sm text-soft">{unbroken(shareSentence(element.share))}</p>
            <ul aria-label={`Variants of ${element.name}`} className="mt-2 flex flex-col tabular-nums">
              {element.variants.map((variant) => (
                <Variant key={variant.key} variant={variant} control={control} reach={reach} />
              ))}
            </ul>
          </div>
        );
      })}
      <p className="text-sm text-soft empty:hidden">{unbroken(restSentence(found))}</p>
    </div>
  );
}

interface VariantProps {
  variant: ElementVariant;
  control: string;
  reach: readonly [number, number];
}

function Variant({ variant, control, reach }: VariantProps) {
  const read = readVariant(variant, control);
  return (
    <li className="grid items-center gap-x-6 gap-y-1 border-line border-b py-2 last:border-0 sm:grid-cols-[10rem_1fr_16rem]">
      <span className="font-semibold wrap-anywhere">{variant.name}</span>
      {read === undefined ? (
        <span className="text-sm text-soft sm:col-span-2">
          the control, which the others are held against
        </span>
      ) : (
        <>
          <LiftBar lift={variant.lift ?? {}} reach={reach} />
          <span className="text-sm">
            <span className="block font-semibold">{unbroken(read.change)}</span>
            <span className="block text-soft">{unbroken(read.chance)}</span>
          </span>
        </>
      )}
    </li>
  );
}

/** A range with end caps over one scale for all, with a line where nothing changes. The numbers stand beside it. */
function LiftBar({
  lift,
  reach: [low, high],
}: {
  lift: Readonly<Record<string, number>>;
  reach: VariantProps["reach"];
}) {
  const at = (change: number) => (100 * (Math.min(Math.max(change, low), high) - low)) / (high - low);
  const [from, middle, to] = [lift["0.025"] ?? 0, lift["0.5"] ?? 0, lift["0.975"] ?? 0].map(at) as [
    number,
    number,
    number,
  ];
  return (
    <span aria-hidden className="relative block h-5 rounded-sm bg-sunken">
      <span className="absolute inset-y-0 w-px bg-line-strong" style={{ left: `${at(0)}%` }} />
      <span
        className="absolute inset-y-1 border-accent border-x-2 bg-accent/25"
        style={{ left: `${from}%`, width: `${to - from}%` }}
      />
      <span className="absolute inset-y-1 w-0.5 bg-accent" style={{ left: `${middle}%` }} />
    </span>
  );
}
