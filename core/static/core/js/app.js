// The portal's behaviour. Each module attaches itself by data-* attributes; nothing here is needed to read a page.
import "./asked.js";
import "./clock.js";
import "./dialog.js";
import "./forms.js";
import "./keys.js";
import "./live.js";
import "./palette.js";
import "./print.js";
import "./theme.js";
import "./title.js";
import "./toast.js";
