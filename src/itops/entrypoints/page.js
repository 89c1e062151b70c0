// Keeps the end of the conversation in sight, unless the reader has scrolled away from it.
() => {
  const box = document.querySelector("#scroll");
  let atEnd = true;
  let tasks = 0;
  const follow = () => {
    const count = box.querySelectorAll(".task").length;
    if (count !== tasks) atEnd = true;
    tasks = count;
    if (atEnd) box.scrollTop = box.scrollHeight;
  };
  box.addEventListener("scroll", () => { atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 60; });
  new MutationObserver(follow).observe(box, { subtree: true, childList: true, characterData: true });
  new ResizeObserver(follow).observe(box);
}
