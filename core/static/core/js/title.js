// Title and favicon carry how many wait for somebody, and turn when the worst of them is critical or major.
const icon = document.querySelector('link[rel="icon"]');
const calm = icon?.href;
const alarm = icon?.dataset.alert;
const plain = () => document.title.replace(/^\(\d+\) /, "");

export function pulse(count, worst) {
  document.title = count > 0 ? `(${count}) ${plain()}` : plain();
  if (!icon || !alarm) return;
  const wanted = count > 0 && /^SEV[12]$/.test(worst || "") ? alarm : calm;
  if (icon.getAttribute("href") !== wanted) icon.setAttribute("href", wanted);
}

const meta = document.querySelector('meta[name="pulse"]');
if (meta) pulse(Number(meta.content) || 0, meta.dataset.worst);

// A live region may carry the pulse along: data-pulse="3" data-worst="SEV1".
document.addEventListener("ms:swapped", (event) => {
  const carrier = event.target.closest?.("[data-pulse]") ?? event.target.querySelector?.("[data-pulse]");
  if (carrier) pulse(Number(carrier.dataset.pulse) || 0, carrier.dataset.worst);
});
