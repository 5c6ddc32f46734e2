import '#kernel'
