// Keeps the end of the conversation in sight, unless the reader has scrolled up from it.
() => {
  const box = document.querySelector("#scroll");
  let atEnd = true;
  let top = 0;
  let tasks = 0;
  const follow = () => {
    const count = box.querySelectorAll(".task").length;
    if (count !== tasks) atEnd = true;
    tasks = count;
    if (atEnd) box.scrollTop = box.scrollHeight;
  };
  box.addEventListener("scroll", () => {
    const isNear = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
    atEnd = isNear || (atEnd && box.scrollTop >= top);
    top = box.scrollTop;
  });
  new MutationObserver(follow).observe(box, { subtree: true, childList: true, characterData: true });
  new ResizeObserver(follow).observe(box);
}
