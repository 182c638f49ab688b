// Outside the door: only the form that must not be sent twice.
import "./forms.js";
