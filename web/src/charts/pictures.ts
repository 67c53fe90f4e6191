/** All pictures: one piece of the page that is fetched when the first is to be seen. */
export { Densities } from "./Densities";
export { Shares } from "./Shares";
