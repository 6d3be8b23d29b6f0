/** The exhibit's own address: the page's, or on another site's page that of its <gradio-app>. */
export function home() {
  return new URL(document.querySelector("gradio-app")?.getAttribute("src") || "", document.baseURI);
}
