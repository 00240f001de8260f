const KEY = 'm2s2l-wall-stirring';

/** How this browser shows the wall: a screen in the hall wants it otherwise than a phone. */
class WallLook {
  /** Whether what stirs comes first. */
  stirring = $state(localStorage.getItem(KEY) === 'on');

  toggle(): void {
    this.stirring = !this.stirring;
    localStorage.setItem(KEY, this.stirring ? 'on' : 'off');
  }
}

export const wallLook = new WallLook();
