"""The console's pages as HTML; each module is pure and makes one page or part of one."""
