/** An e-mail address and a password, as far as a page can tell; the appliance has the last word on them. */

export interface Credentials {
  email: string;
  password: string;
}

export const SHORTEST_PASSWORD = 10;

/** What is wrong with them, by field. */
export function faultsOfCredentials({ email, password }: Credentials): Partial<Credentials> {
  return {
    ...(/^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$/.test(email.trim())
      ? {}
      : { email: "This is not an e-mail address." }),
    ...([...password].length >= SHORTEST_PASSWORD
      ? {}
      : { password: `A password needs at least ${SHORTEST_PASSWORD} characters.` }),
  };
}
