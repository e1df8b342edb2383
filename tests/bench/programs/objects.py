# objects.py: text to objects and back, each of them a block (PYTHONMALLOC=malloc): large heaps that come and go.
import json

things = [{"a": i, "b": [str(j) for j in range(10)], "c": {"x": i * 1.5}} for i in range(3000)]
for _ in range(6):
    text = json.dumps(things)
    same = json.loads(text)
print(len(text))
