// The door of the charts. Forms differ in how they are drawn; titles, legends, crosshair, keyboard and table are the same
// for all. The drawing library is loaded with the first chart that is shown.

export { AreaChart, Histogram, LineChart, StackedBars } from './forms.tsx'
