const KEY = 'm2s2l-heatmap';

/** Whether heatmaps are laid over pictures; kept in this browser. */
class Overlay {
  on = $state(localStorage.getItem(KEY) !== 'off');

  toggle(): void {
    this.on = !this.on;
    localStorage.setItem(KEY, this.on ? 'on' : 'off');
  }
}

export const overlay = new Overlay();
