"""Who may open the desk, and who may decide there: see the groups in the README."""

USE, PLAN = "articles.use_review_desk", "articles.plan_reviews"
