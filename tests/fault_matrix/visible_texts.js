// The texts of the open dialog, or else of the page: element, class, and contrast of colour and background as in WCAG 2.2.
(() => {
  const parse = (colour) => {
    const [red, green, blue, alpha = 1] = colour.match(/[\d.]+/g).map(Number);
    return { rgb: [red, green, blue], alpha };
  };
  const blend = (top, alpha, below) => top.map((value, index) => value * alpha + below[index] * (1 - alpha));
  const luminance = (rgb) => {
    const [red, green, blue] = rgb.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const backgroundOf = (element) => {
    if (!element) throw new Error("the page has no background colour");
    const { rgb, alpha } = parse(getComputedStyle(element).backgroundColor);
    return alpha === 1 ? rgb : blend(rgb, alpha, backgroundOf(element.parentElement));
  };
  const opacityOf = (element) => (element ? getComputedStyle(element).opacity * opacityOf(element.parentElement) : 1);
  const contrast = (element) => {
    const { rgb, alpha } = parse(getComputedStyle(element).color);
    const background = backgroundOf(element);
    const levels = [luminance(blend(rgb, alpha * opacityOf(element), background)), luminance(background)];
    return (Math.max(...levels) + 0.05) / (Math.min(...levels) + 0.05);
  };
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const root = document.querySelector("dialog[open]") ?? document.body;
  return [...root.querySelectorAll("*")]
    .filter((element) => hasText(element) && element.checkVisibility())
    .map((element) => ({ text: element.textContent.trim().slice(0, 60), class: element.className.split(" ").pop(), contrast: contrast(element) }));
})()
