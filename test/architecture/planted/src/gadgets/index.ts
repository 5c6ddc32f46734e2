/** A room that is not on the map. */
export {}
