/** Whether there is a real keyboard, as far as a browser can tell. Without one, Enter makes a new line and nothing opens the on-screen keyboard by itself. */
export const hasKeyboard = (): boolean => matchMedia('(hover: hover) and (pointer: fine)').matches
